import type { Command } from 'commander';
import type { Overwrite, RestorePlan } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatQuantity } from '../../shared/format.ts';
import { absolute, backupReference, collect, examples, insidePath, oneOf } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult, restoreResultSchema, skippedText } from '../job-result.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

interface RestoreOptions {
  readonly path?: readonly string[];
  readonly to?: string;
  readonly overwrite?: Overwrite;
  readonly delete?: boolean;
  readonly dest?: string;
  readonly dryRun?: boolean;
}

function counts(plan: RestorePlan): string {
  const { created, overwritten, metadata, deleted, kept, unchanged } = plan;
  return facts(
    [
      ['created', created],
      ['replaced', overwritten],
      ['permissions or times set', metadata],
      ['removed', deleted],
      ['left as they are by the overwrite rule', kept],
      ['right already', unchanged],
    ].flatMap(([name, count]) => (count === 0 ? [] : [[String(name), formatCount(Number(count))] as const])),
  );
}

function planText(plan: RestorePlan): string {
  const items = plan.items
    .filter(({ action }) => action !== 'unchanged')
    .map(({ action, path, bytes }) => {
      const size = action === 'create' || action === 'overwrite' ? `  ${formatBytes(bytes)}` : '';
      return `  ${action.padEnd(9)}  ${printable(path === '' ? '.' : path)}${size}\n`;
    });
  return (
    planHead(plan) +
    items.join('') +
    (plan.moreItems > 0 ? `  and ${formatCount(plan.moreItems)} more\n` : '') +
    (plan.enoughSpace ? '' : `There is not enough space: ${formatBytes(plan.free)} are free.\n`)
  );
}

function planHead(plan: RestorePlan): string {
  const warnings = plan.warnings.map(
    ({ path, message }) => `Note: ${path === undefined ? '' : `${printable(path)}: `}${printable(message)}\n`,
  );
  const where = plan.inPlace ? `in place, into ${printable(plan.target)}` : `into ${printable(plan.target)}`;
  return (
    `Restoring ${plan.backup} ${where} writes ${formatBytes(plan.bytesToWrite)}.\n` + counts(plan) + warnings.join('')
  );
}

/** Whether carrying out the plan touches anything that is there now. */
function changesWhatIsThere(plan: RestorePlan): boolean {
  return plan.inPlace || plan.overwritten + plan.metadata + plan.deleted > 0;
}

/** `larder restore BACKUP` */
export function registerRestore(program: Command, run: Run): void {
  program
    .command('restore')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .option('--path <path>', 'only this file or folder of the backup; may be given again', collect)
    .option('--to <dir>', "put the store's content into this folder instead, which is created")
    .addOption(
      oneOf('--overwrite <rule>', 'what to do with files that are there (default: if-changed)', [
        'always',
        'if-changed',
        'if-newer',
        'never',
      ]),
    )
    .option('--delete', 'remove what the backup does not have, within what is restored')
    .option('--dest <dir>', 'look for the backup in this folder')
    .option('--dry-run', 'only show what would happen')
    .description('put back what a backup holds; what it replaces is kept for larder undo')
    .addHelpText(
      'after',
      examples(
        'larder restore latest:project --path models/lstm.keras --dry-run',
        'larder restore 20261120 --to /tmp/look --yes',
      ),
    )
    .action((reference: string, options: RestoreOptions) =>
      run(async (context) => {
        const { to, overwrite, dest } = options;
        const paths = (options.path ?? []).map((path) => insidePath('--path', path));
        const client = await context.client();
        const plan = await client.call(
          'restore.plan',
          {
            backup: await backupReference(context, reference),
            paths: paths.includes('') ? [] : paths,
            target: to === undefined ? { kind: 'inPlace' } : { kind: 'folder', path: absolute(context, to) },
            deleteExtra: options.delete === true,
            ...(overwrite === undefined ? {} : { overwrite }),
            ...(dest === undefined ? {} : { destination: absolute(context, dest) }),
          },
          { signal: context.signal },
        );
        if (options.dryRun === true) {
          print(
            context,
            () => ({ dryRun: true, ...plan }),
            () => planText(plan),
          );
          return exitCodes.done;
        }
        // Filling a folder that holds none of it changes nothing of anyone's, so nothing needs asking.
        if (changesWhatIsThere(plan) && !context.options.yes) {
          if (context.terminal.errIsTty) context.terminal.err(planHead(plan));
          const touched = plan.overwritten + plan.metadata + plan.deleted;
          // Nobody needs to be asked about nothing; a script is refused all the same, so that it behaves alike each time.
          if (plan.created + touched > 0 || !context.terminal.inIsTty)
            await confirm(
              context,
              `Restore ${formatQuantity(plan.created, 'new entry', 'new entries')} and change ${formatQuantity(touched, 'other')}?`,
            );
        }
        const { job, warnings } = await followJob(context, (engine) => engine.call('restore.apply', { plan: plan.id }));
        const result = readResult(restoreResultSchema, job.result);
        const { id, created, overwritten, unchanged, deleted, bytes } = result;
        const skipped = result.skipped ?? warnings;
        print(
          context,
          () => ({ id, created, overwritten, unchanged, deleted, skipped, bytes, status: job.status }),
          () =>
            `Restored ${plan.backup} into ${printable(plan.target)}.\n` +
            facts([
              ['created', formatCount(created)],
              ['replaced', formatCount(overwritten)],
              ['right already', formatCount(unchanged)],
              ['removed', deleted === 0 ? undefined : formatCount(deleted)],
              ['written', formatBytes(bytes)],
              ['to undo', `larder undo ${id}`],
            ]) +
            skippedText(skipped),
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
