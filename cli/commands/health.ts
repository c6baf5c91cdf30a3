import type { Command } from 'commander';
import type { Client } from '../../shared/client/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type {
  HealthChange,
  HealthFixPlan,
  HealthReport,
  HealthSample,
  Skipped,
  Store,
} from '../../shared/contract/index.ts';
import { formatCount, formatDate, formatQuantity } from '../../shared/format.ts';
import { examples, findStore } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { isoTime } from '../iso-time.ts';
import { ProgressDisplay } from '../progress.ts';
import { styleFor } from '../style.ts';
import { printable } from '../text.ts';
import { historyText, outcomeText, planText, reportText } from './health-text.ts';
import { days } from './prune.ts';

interface HealthOptions {
  readonly fix?: boolean;
  readonly only?: readonly string[];
  readonly dryRun?: boolean;
  readonly mute?: string;
  readonly unmute?: string;
  readonly area?: string;
  readonly reason?: string;
  readonly for?: number;
  readonly history?: boolean;
}

interface Looked {
  readonly store: Store;
  readonly report: HealthReport;
}

const dayMs = 24 * 3_600_000;

/** Options that go with one another only; the command line would otherwise do less than it says. */
function assertTogether(options: HealthOptions): void {
  const { fix, dryRun, mute, unmute, area, reason, history, only } = options;
  const refuse = (message: string, hint: string): never => {
    throw new LarderError('INVALID_INPUT', message, { hint });
  };
  if (dryRun === true && fix !== true) refuse('--dry-run goes with --fix.', 'Without --fix nothing is changed.');
  if (mute !== undefined && reason === undefined) {
    refuse('--mute needs --reason.', 'Say why, for whoever reads it later: --reason "moves next week".');
  }
  if (mute === undefined && (reason !== undefined || options.for !== undefined)) {
    refuse('--reason and --for go with --mute.', 'Name the check: --mute disk.fill.');
  }
  if (area !== undefined && mute === undefined && unmute === undefined) {
    refuse('--area goes with --mute and --unmute.', 'Name the check: --mute structure.required.');
  }
  const modes = [mute, unmute, history, fix ?? only].filter((each) => each !== undefined && each !== false);
  if (modes.length > 1) refuse('These options do not go together.', 'Run the command once for each.');
}

async function storesOf(context: CommandContext, name: string | undefined): Promise<readonly Store[]> {
  if (name !== undefined) return [await findStore(context, name)];
  const client = await context.client();
  return (await client.call('stores.list', {}, { signal: context.signal })).stores;
}

/** One store's document by itself, several as a list. */
function documentOf(stores: readonly Record<string, unknown>[]): unknown {
  const [only] = stores;
  return stores.length === 1 && only !== undefined ? only : { stores };
}

function reportJson({ store, report }: Looked): Record<string, unknown> {
  const { ok, score, counts, checks, atMs, tookMs } = report;
  return { ok, score, store: store.id, storeName: store.name, at: isoTime(atMs), tookMs, counts, checks };
}

/** Shows how far a run is while `work` goes on. */
async function withProgress<T>(context: CommandContext, client: Client, work: () => Promise<T>): Promise<T> {
  const display = new ProgressDisplay(context.terminal, { quiet: context.options.jsonLines });
  const off = client.on('health.progress', ({ store, phase, done, total }) => {
    if (context.options.jsonLines) {
      context.terminal.err(`${JSON.stringify({ type: 'progress', store, phase, done, total })}\n`);
    }
    display.showText(`${phase}  ${formatCount(done)}${total === undefined ? '' : ` of ${formatCount(total)}`}`);
  });
  try {
    return await work();
  } finally {
    off();
    display.clear();
  }
}

async function look(context: CommandContext, stores: readonly Store[], options: HealthOptions): Promise<ExitCode> {
  const client = await context.client();
  const looked: Looked[] = [];
  for (const store of stores) {
    const input = { store: store.id, ...(options.only === undefined ? {} : { only: [...options.only] }) };
    const report = await withProgress(context, client, () =>
      client.call('health.run', input, { signal: context.signal }),
    );
    looked.push({ store, report });
  }
  const style = styleFor(context.terminal, 'out');
  print(
    context,
    () => documentOf(looked.map(reportJson)),
    () =>
      looked.length === 0
        ? 'No store is registered yet. Add one: larder stores add PATH\n'
        : looked.map(({ store, report }) => reportText(store, report, style)).join('\n'),
  );
  return looked.every(({ report }) => report.ok) ? exitCodes.done : exitCodes.unhealthy;
}

interface Fixed {
  readonly store: Store;
  readonly plan: HealthFixPlan;
  /** As it was while nothing was changed. */
  readonly before?: HealthReport | undefined;
  readonly applied?: { readonly done: HealthChange[]; readonly skipped: Skipped[]; readonly report: HealthReport };
}

function fixedJson({ store, plan, before, applied }: Fixed): Record<string, unknown> {
  const { changes, more, cannot } = plan;
  const planned = { store: store.id, storeName: store.name, changes, more, cannot };
  if (applied === undefined)
    return { ...(before === undefined ? {} : reportJson({ store, report: before })), ...planned };
  const { done, skipped, report } = applied;
  return { ...reportJson({ store, report }), ...planned, done, skipped };
}

async function fix(context: CommandContext, stores: readonly Store[], options: HealthOptions): Promise<ExitCode> {
  const client = await context.client();
  const { signal, terminal } = context;
  const fixed: Fixed[] = [];
  for (const store of stores) {
    const input = { store: store.id, ...(options.only === undefined ? {} : { checks: [...options.only] }) };
    const plan = await withProgress(context, client, () => client.call('health.fixPlan', input, { signal }));
    const head = stores.length > 1 ? `${printable(store.name)}\n` : '';
    if (!context.options.json) terminal.out(`${head}${planText(plan)}`);
    if (options.dryRun === true || plan.changes.length === 0) {
      const { report } = await client.call('health.get', { store: store.id }, { signal });
      fixed.push({ store, plan, ...(options.dryRun === true ? {} : { before: report }) });
      continue;
    }
    await confirm(context, `Make ${formatQuantity(plan.changes.length, 'change')} in ${printable(store.name)}?`);
    const applied = await withProgress(context, client, () =>
      client.call('health.fixApply', { plan: plan.plan }, { signal }),
    );
    if (!context.options.json) terminal.out(outcomeText(applied.done, applied.skipped));
    fixed.push({ store, plan, applied });
  }
  print(
    context,
    () => documentOf(fixed.map(fixedJson)),
    () => '',
  );
  if (fixed.some(({ applied }) => (applied?.skipped.length ?? 0) > 0)) return exitCodes.partly;
  return fixed.every(({ applied, before }) => (applied?.report ?? before)?.ok !== false)
    ? exitCodes.done
    : exitCodes.unhealthy;
}

async function history(context: CommandContext, stores: readonly Store[]): Promise<ExitCode> {
  const client = await context.client();
  const all: { readonly store: Store; readonly samples: readonly HealthSample[] }[] = [];
  for (const store of stores) {
    const { samples } = await client.call('health.history', { store: store.id }, { signal: context.signal });
    all.push({ store, samples });
  }
  print(
    context,
    () =>
      documentOf(
        all.map(({ store, samples }) => ({
          store: store.id,
          storeName: store.name,
          samples: samples.map(({ atMs, ...sample }) => ({ at: isoTime(atMs), ...sample })),
        })),
      ),
    () =>
      all
        .map(({ store, samples }) => `${printable(store.name)}\n${historyText(samples, context.terminal.now())}`)
        .join('\n'),
  );
  return exitCodes.done;
}

/** Mutes or unmutes a check of one store. */
async function setMuted(context: CommandContext, name: string | undefined, options: HealthOptions): Promise<ExitCode> {
  const { mute, unmute, area, reason = '' } = options;
  if (name === undefined) {
    throw new LarderError('INVALID_INPUT', 'Which store?', { hint: 'Name it: larder health STORE --mute ID.' });
  }
  const store = await findStore(context, name);
  const client = await context.client();
  const of = area === undefined ? {} : { area };
  if (mute !== undefined) {
    const untilMs = options.for === undefined ? undefined : context.terminal.now() + options.for * dayMs;
    await client.call('health.mute', {
      store: store.id,
      check: mute,
      ...of,
      reason,
      ...(untilMs === undefined ? {} : { untilMs }),
    });
    print(
      context,
      () => ({ store: store.id, check: mute, ...of, reason, until: isoTime(untilMs) }),
      () => `${mute} is muted${untilMs === undefined ? '' : ` until ${formatDate(untilMs)}`}.\n`,
    );
  } else if (unmute !== undefined) {
    await client.call('health.unmute', { store: store.id, check: unmute, ...of });
    print(
      context,
      () => ({ store: store.id, check: unmute, ...of }),
      () => `${unmute} counts again.\n`,
    );
  }
  return exitCodes.done;
}

/** `larder health [STORE]` */
export function registerHealth(program: Command, run: Run): void {
  program
    .command('health')
    .argument('[store]', 'name, id or path of the store; every store when not given')
    .option('--fix', 'make the safe fixes: nothing is deleted or overwritten')
    .option('--dry-run', 'with --fix: only say what would change')
    .option('--only <id...>', 'only these checks')
    .option('--mute <id>', 'let a check not count')
    .option('--unmute <id>', 'let it count again')
    .option('--area <area>', 'with --mute and --unmute: only for this area')
    .option('--reason <text>', 'with --mute: why')
    .option('--for <time>', 'with --mute: for how long, for example 30d (until unmuted when not given)', days)
    .option('--history', 'the score over time')
    .description('the checklist; exit code 8 when something fails')
    .addHelpText(
      'after',
      examples(
        'larder health project',
        'larder health project --fix --dry-run',
        'larder health project --only disk.fill backups.age',
        'larder health project --mute backups.other-disk --reason "second disk is ordered" --for 30d',
      ),
    )
    .action((name: string | undefined, options: HealthOptions) =>
      run(async (context) => {
        assertTogether(options);
        if (options.mute !== undefined || options.unmute !== undefined) return setMuted(context, name, options);
        const stores = await storesOf(context, name);
        if (options.history === true) return history(context, stores);
        return options.fix === true ? fix(context, stores, options) : look(context, stores, options);
      }),
    );
}
