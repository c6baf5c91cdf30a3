import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { RestoreRecord, UndoPlan } from '../../shared/contract/index.ts';
import { formatCount, formatDateTime, formatQuantity } from '../../shared/format.ts';
import { examples } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { skippedText } from '../job-result.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

/** A restore in words that tell it from others: its id, where it went, and when. */
function named({ id, target, atMs }: RestoreRecord): string {
  return `${id} into ${printable(target)} of ${formatDateTime(atMs)}`;
}

function planText(plan: UndoPlan, record: RestoreRecord | undefined): string {
  return (
    `Undoing the restore ${record === undefined ? `${plan.restore} into ${printable(plan.target)}` : named(record)}:\n` +
    facts([
      ['put back as before', formatCount(plan.putBack)],
      ['taken away again', formatCount(plan.removed)],
      ['changed since, left alone', plan.changedSince.length === 0 ? undefined : formatCount(plan.changedSince.length)],
    ]) +
    plan.changedSince.map((path) => `  changed since  ${printable(path)}\n`).join('')
  );
}

function whyNot(newest: RestoreRecord): string {
  switch (newest.status) {
    case 'undone':
      return 'is already undone';
    case 'interrupted':
      return 'was interrupted';
    case 'done':
    case 'partial':
      return 'changed nothing, or can no longer be undone';
  }
}

/**
 * The newest restore. Throws `NOT_FOUND` where that one cannot be undone: going on to an earlier one would change what the
 * person was not thinking of, so that is only named.
 */
function newestUndoable(restores: readonly RestoreRecord[]): RestoreRecord {
  const [newest] = restores;
  if (newest === undefined) throw new LarderError('NOT_FOUND', 'There is no restore that can be undone.');
  if (newest.undoUntilMs !== undefined) return newest;
  const next = restores.find((restore) => restore.undoUntilMs !== undefined);
  throw new LarderError('NOT_FOUND', `The newest restore, ${named(newest)}, ${whyNot(newest)}.`, {
    hint:
      next === undefined
        ? 'There is no other restore that can be undone.'
        : `The next one that can be undone is ${named(next)}: larder undo ${next.id}`,
  });
}

/** The restore meant by its id, the beginning of its id, or `latest`. The engine says what is wrong with any other text. */
async function findRestore(
  context: CommandContext,
  text: string,
): Promise<{ id: string; record: RestoreRecord | undefined }> {
  const client = await context.client();
  const { restores } = await client.call('restore.list', {}, { signal: context.signal });
  const starting = restores.filter((restore) => restore.id.startsWith(text));
  const record =
    text === 'latest'
      ? newestUndoable(restores)
      : (restores.find((restore) => restore.id === text) ?? (starting.length === 1 ? starting[0] : undefined));
  return { id: record?.id ?? text, record };
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
        const { id, record } = await findRestore(context, text);
        const plan = await client.call('restore.planUndo', { restore: id }, { signal: context.signal });
        if (options.dryRun === true) {
          print(
            context,
            () => ({ dryRun: true, ...plan }),
            () => planText(plan, record),
          );
          return exitCodes.done;
        }
        const { terminal, options: global } = context;
        // `latest` leaves open which restore it is, so that is said even where nobody is asked.
        const asks = !global.yes && terminal.errIsTty;
        if (asks || (text === 'latest' && !global.json)) terminal.err(planText(plan, record));
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
