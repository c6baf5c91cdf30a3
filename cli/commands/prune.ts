import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { RemovalPlan, Retention, Store } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { absolute, backupReference, collect, examples, findStore, wholeNumber } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { skippedText } from '../job-result.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

interface PruneOptions {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: number;
  readonly backup?: readonly string[];
  readonly dest?: string;
  readonly dryRun?: boolean;
}

const daysOf = { d: 1, w: 7, m: 30, y: 365 } as const;

/** `30d`, `4w`, `6m` or `1y` in days. */
export function days(text: string): number {
  const match = /^([1-9]\d{0,4})([dwmy])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It takes a number and d, w, m or y, for example 30d.');
  return Number(match[1]) * daysOf[match[2] as keyof typeof daysOf];
}

/** The rules asked for on the command line; undefined when there are none, and the store's own count. */
function retentionOf(options: PruneOptions): Retention | undefined {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin } = options;
  const given = [keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin];
  if (given.every((value) => value === undefined)) return undefined;
  return {
    keepLast: keepLast ?? 0,
    keepHourly: keepHourly ?? 0,
    keepDaily: keepDaily ?? 0,
    keepWeekly: keepWeekly ?? 0,
    keepMonthly: keepMonthly ?? 0,
    keepYearly: keepYearly ?? 0,
    ...(keepWithin === undefined ? {} : { keepWithinDays: keepWithin }),
  };
}

function planText(plan: RemovalPlan): string {
  return (
    table(
      [{ title: 'BACKUP' }, { title: '' }, { title: 'WHY' }],
      plan.backups.map(({ backup, keep, reasons }) => [backup, keep ? 'kept' : 'goes', printable(reasons.join('; '))]),
    ) +
    plan.held
      .map(
        ({ archive, neededBy }) =>
          `${printable(archive)} stays` +
          (neededBy.length === 0
            ? ', as nobody can tell whether it is needed.\n'
            : ` for ${formatQuantity(neededBy.length, 'later backup')}.\n`),
      )
      .join('') +
    plan.compacts
      .map(({ archive, bytes, needed, why }) =>
        why === 'small'
          ? `${printable(archive)}, ${formatBytes(bytes)}, is made one with other small ones.\n`
          : `${printable(archive)} is written anew with what is needed of it: ${formatBytes(needed)} of ${formatBytes(bytes)}.\n`,
      )
      .join('')
  );
}

/** `larder prune STORE` */
export function registerPrune(program: Command, run: Run): void {
  const keep = (unit: string): string => `keep the newest backup of this many ${unit}`;
  program
    .command('prune')
    .argument('<store>', 'name, id or path of the store')
    .option('--keep-last <n>', 'keep this many of the newest', wholeNumber(0, 100_000))
    .option('--keep-hourly <n>', keep('hours'), wholeNumber(0, 100_000))
    .option('--keep-daily <n>', keep('days'), wholeNumber(0, 100_000))
    .option('--keep-weekly <n>', keep('weeks'), wholeNumber(0, 100_000))
    .option('--keep-monthly <n>', keep('months'), wholeNumber(0, 100_000))
    .option('--keep-yearly <n>', keep('years'), wholeNumber(0, 100_000))
    .option('--keep-within <age>', 'keep everything younger than this: 30d, 4w, 6m, 1y', days)
    .option('--backup <backup>', 'remove just this backup; may be given again', collect)
    .option('--dest <dir>', 'backups in this folder only')
    .option('--dry-run', 'only show what would go, and why the rest stays')
    .description("remove backups the rules do not keep; the store's own rules when none are given")
    .addHelpText(
      'after',
      examples('larder prune project --keep-last 10 --keep-daily 30 --dry-run', 'larder prune project --yes'),
    )
    .action((name: string, options: PruneOptions) =>
      run(async (context) => {
        const client = await context.client();
        const store: Store = await findStore(context, name);
        const retention = retentionOf(options);
        const backups = options.backup;
        if (backups !== undefined && retention !== undefined) {
          throw new LarderError('INVALID_INPUT', 'Either rules say what goes, or --backup does.', {
            hint: 'Leave out --backup, or the --keep options.',
          });
        }
        const input = {
          store: store.id,
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
          ...(backups === undefined
            ? {}
            : { backups: await Promise.all(backups.map((backup) => backupReference(context, backup))) }),
          ...(retention === undefined ? {} : { retention }),
        };
        const plan = await client.call('backups.planRemoval', input, { signal: context.signal });
        const going = plan.backups.filter(({ keep: kept }) => !kept).length;
        const said = `${formatQuantity(going, 'backup')} of ${printable(store.name)}, which frees ${formatBytes(plan.frees)}`;
        if (options.dryRun === true || going === 0) {
          print(
            context,
            () => ({ dryRun: options.dryRun === true, ...plan, removed: 0 }),
            () => planText(plan) + (going === 0 ? 'Nothing is to be removed.\n' : `Would remove ${said}.\n`),
          );
          return exitCodes.done;
        }
        if (!context.options.yes && context.terminal.errIsTty) context.terminal.err(planText(plan));
        await confirm(context, `Remove ${said}?`);
        const { job, warnings } = await followJob(context, (engine) =>
          engine.call('backups.remove', { plan: plan.plan }),
        );
        print(
          context,
          () => ({ ...plan, removed: going, skipped: warnings, status: job.status }),
          () => `${planText(plan)}Removed ${said}.\n${skippedText(warnings)}`,
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
