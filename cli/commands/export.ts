import type { Command } from 'commander';
import { z } from 'zod';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { absolute, backupReference, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult, skippedText } from '../job-result.ts';
import { printable } from '../text.ts';

const exportResultSchema = z.looseObject({ file: z.string(), files: z.number(), bytes: z.number() });

/** `larder export BACKUP FILE` */
export function registerExport(program: Command, run: Run): void {
  program
    .command('export')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .argument('<file>', 'what to write: ends in .tar.zst, .tar.gz, .tgz or .tar')
    .option('--dest <dir>', 'look for the backup in this folder')
    .description('write everything of a backup to one plain archive that any tar opens')
    .addHelpText('after', examples('larder export latest:project ~/project.tar.gz'))
    .action((reference: string, file: string, options: { dest?: string }) =>
      run(async (context) => {
        const input = {
          backup: await backupReference(context, reference),
          file: absolute(context, file),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        };
        const { job, warnings } = await followJob(context, (client) => client.call('backups.export', input));
        const result = readResult(exportResultSchema, job.result);
        print(
          context,
          () => ({ ...result, skipped: warnings, status: job.status }),
          () =>
            `Wrote ${printable(result.file)}: ${formatQuantity(result.files, 'file')}, ${formatBytes(result.bytes)}.\n` +
            skippedText(warnings),
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
