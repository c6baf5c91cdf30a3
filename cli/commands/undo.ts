import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { UndoPlan } from '../../shared/contract/index.ts';
import { formatCount, formatQuantity } from '../../shared/format.ts';
import { examples } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { skippedText } from '../job-result.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

function planText(plan: UndoPlan): string {
  return (
    `Undoing the restore into ${printable(plan.target)}:\n` +
    facts([
      ['put back as before', formatCount(plan.putBack)],
      ['taken away again', formatCount(plan.removed)],
      ['changed since, left alone', plan.changedSince.length === 0 ? undefined : formatCount(plan.changedSince.length)],
    ]) +
    plan.changedSince.map((path) => `  changed since  ${printable(path)}\n`).join('')
  );
}

/** The id of a restore: as given, the one it is the beginning of, or the newest for `latest`. */
async function restoreId(context: CommandContext, text: string): Promise<string> {
  const client = await context.client();
  const { restores } = await client.call('restore.list', {}, { signal: context.signal });
  if (text === 'latest') {
    const newest = restores.find((restore) => restore.undoUntilMs !== undefined);
    if (newest !== undefined) return newest.id;
    throw new LarderError('NOT_FOUND', 'There is no restore that can be undone.');
  }
  if (restores.some((restore) => restore.id === text)) return text;
  const starting = restores.filter((restore) => restore.id.startsWith(text));
  return starting.length === 1 && starting[0] !== undefined ? starting[0].id : text;
}

/** `larder undo RESTORE` */
export function registerUndo(program: Command, run: Run): void {
  program
    .command('undo')
    .argument('<restore>', 'id of the restore, its beginning, or latest')
    .option('--dry-run', 'only show what would happen')
    .description('put back what a restore replaced')
    .addHelpText('after', examples('larder undo latest --dry-run'))
    .action((text: string, options: { dryRun?: boolean }) =>
      run(async (context) => {
        const client = await context.client();
        const input = { restore: await restoreId(context, text) };
        const plan = await client.call('restore.planUndo', input, { signal: context.signal });
        if (options.dryRun === true) {
          print(
            context,
            () => ({ dryRun: true, ...plan }),
            () => planText(plan),
          );
          return exitCodes.done;
        }
        if (!context.options.yes && context.terminal.errIsTty) context.terminal.err(planText(plan));
        await confirm(
          context,
          `Put back ${formatQuantity(plan.putBack, 'entry', 'entries')} and take away ${formatCount(plan.removed)}?`,
        );
        const { job, warnings } = await followJob(context, (engine) =>
          engine.call('restore.applyUndo', { plan: plan.id }),
        );
        print(
          context,
          () => ({
            restore: plan.restore,
            putBack: plan.putBack,
            removed: plan.removed,
            changedSince: plan.changedSince,
            skipped: warnings,
            status: job.status,
          }),
          () => `The restore into ${printable(plan.target)} is undone.\n${skippedText(warnings)}`,
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
