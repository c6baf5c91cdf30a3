import type { Command } from 'commander';
import { formatBytes } from '../../shared/format.ts';
import { absolute, examples, realPathOf } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { skippedText } from '../job-result.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

/** `larder sample PATH` */
export function registerSample(program: Command, run: Run): void {
  program
    .command('sample')
    .argument('<path>', 'a new or empty folder')
    .description('write a sample data folder (about 60 MB of valid files) and add it as a store')
    .addHelpText('after', examples('larder sample ~/larder-sample/persistent_data'))
    .action((wanted: string) =>
      run(async (context) => {
        let written = absolute(context, wanted);
        const { job, warnings } = await followJob(context, async (client) => {
          const started = await client.call('sample.create', { path: written });
          written = started.path;
          return started;
        });
        const client = await context.client();
        const { stores } = await client.call('stores.list', {});
        const path = realPathOf(written);
        const store = stores.find((each) => each.path === path);
        print(
          context,
          () => ({ path: written, store: store?.id ?? null, storeName: store?.name ?? null, status: job.status }),
          () =>
            `Wrote a sample (${formatBytes(job.bytesDone)}) to ${printable(written)}.\n` +
            facts([
              ['store', store === undefined ? undefined : printable(store.name)],
              ['next', store === undefined ? undefined : `larder backup ${printable(store.name)}`],
            ]) +
            skippedText(warnings),
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
