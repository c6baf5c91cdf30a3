import type { Command } from 'commander';
import { z } from 'zod';
import { absolute, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult } from '../job-result.ts';
import { printable } from '../text.ts';

const rebuildResultSchema = z.looseObject({ id: z.string(), manifest: z.string() });

/** `larder rebuild ARCHIVE` */
export function registerRebuild(program: Command, run: Run): void {
  program
    .command('rebuild')
    .argument('<file>', 'archive whose manifest was lost')
    .description('make the lost manifest of an archive again from the copy the archive carries')
    .addHelpText('after', examples('larder rebuild backups/project_backup_20261120_020000.tar.zst'))
    .action((file: string) =>
      run(async (context) => {
        const archive = absolute(context, file);
        const { job } = await followJob(context, (client) => client.call('backups.rebuild', { archive }));
        const result = readResult(rebuildResultSchema, job.result);
        print(
          context,
          () => ({ ...result, status: job.status }),
          () => `The backup ${result.id} is there again: ${printable(result.manifest)}\n`,
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
