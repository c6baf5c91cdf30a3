import type { Command } from 'commander';
import { LarderError, setupParts, setupResultSchema } from '../../shared/contract/index.ts';
import type {
  SetupPart,
  SetupPlan,
  SetupRecord,
  SetupResult,
  SetupStep,
  Skipped,
} from '../../shared/contract/index.ts';
import { formatDateTime, formatQuantity } from '../../shared/format.ts';
import { absolute, collect, examples, oneOf } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult, skippedText } from '../job-result.ts';
import { isoTime } from '../iso-time.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';
import { planText, textsOf } from './setup-text.ts';

interface SetupOptions {
  readonly layout?: string;
  readonly owner?: string;
  readonly part?: readonly SetupPart[];
  readonly without?: readonly SetupPart[];
  readonly move?: true | readonly string[];
  readonly leave?: 'renamed' | 'link';
  readonly code?: string;
  readonly add?: true | string;
  readonly dryRun?: boolean;
  readonly undo?: true | string;
}

function inputOf(context: CommandContext, path: string, options: SetupOptions) {
  const { layout, owner, part, without = [], move, leave, code } = options;
  const chosen = part ?? (without.length === 0 ? undefined : setupParts);
  return {
    path: absolute(context, path),
    ...(layout === undefined ? {} : { layout }),
    ...(owner === undefined ? {} : { owner }),
    ...(chosen === undefined ? {} : { parts: chosen.filter((each) => !without.includes(each)) }),
    ...(code === undefined ? {} : { code: absolute(context, code) }),
    move: move === undefined ? [] : move === true ? ('all' as const) : move.map((each) => absolute(context, each)),
    ...(leave === undefined ? {} : { leave }),
  };
}

async function setUp(context: CommandContext, path: string, options: SetupOptions): Promise<ExitCode> {
  const client = await context.client();
  const plan = await client.call('setup.plan', inputOf(context, path, options), { signal: context.signal });
  const { terminal } = context;
  const register = options.add ?? false;
  if (options.dryRun === true) {
    print(
      context,
      () => ({ dryRun: true, ...plan }),
      () => `${planText(plan, true)}${plan.todo === 0 ? 'Nothing to do.\n' : ''}${textsOf(plan)}`,
    );
    return exitCodes.done;
  }
  if (plan.todo === 0 && (register === false || plan.store !== undefined || plan.steps.length === 0)) {
    print(
      context,
      () => ({ dryRun: false, status: 'done', done: 0, ...plan }),
      () => `${planText(plan, false)}Nothing to do.\n`,
    );
    return plan.cannot === 0 ? exitCodes.done : exitCodes.partly;
  }
  if (plan.changes > 0) {
    if (!context.options.yes && terminal.errIsTty) terminal.err(planText(plan, false));
    await confirm(context, `Do ${formatQuantity(plan.todo, 'step')}, ${plan.changes} of which change what is there?`);
  }
  const { job, warnings } = await followJob(context, (engine) =>
    engine.call('setup.apply', { plan: plan.plan, register }),
  );
  const result = readResult(setupResultSchema, job.result);
  const status = job.status === 'done' && plan.cannot > 0 ? 'partial' : job.status;
  print(
    context,
    () => ({ dryRun: false, ...plan, ...result, status, skipped: warnings }),
    () =>
      planText(asDone(plan, result, warnings), false).replace(/^To do:$/m, 'Done:') +
      skippedText(warnings) +
      result.moved
        .map(
          ({ from, kept }) => `${printable(from)} is kept as ${printable(kept)}. Remove it when nothing misses it.\n`,
        )
        .join('') +
      facts([
        ['steps done', String(result.done)],
        ['to undo', result.done === 0 ? undefined : `larder setup ${printable(path)} --undo`],
        ['next', nextText(path, register, result.store)],
      ]),
  );
  return exitCodeOfJob(status);
}

/** The plan without the steps that were left out after all. */
function asDone(plan: SetupPlan, { moved }: SetupResult, warnings: readonly Skipped[]): SetupPlan {
  const left = new Set(warnings.map(({ path }) => path));
  const isDone = ({ kind, path, detail }: SetupStep): boolean =>
    kind === 'move'
      ? moved.some(({ from, to }) => to === path && detail.endsWith(`from ${printable(from)}`))
      : !left.has(path);
  return { ...plan, steps: plan.steps.filter((step) => step.state !== 'todo' || isDone(step)) };
}

function nextText(path: string, register: boolean | string, store: string | undefined): string {
  return register === false && store === undefined
    ? `larder stores add ${printable(path)}`
    : `larder test ${printable(path)}`;
}

/** The setup meant: its id, or the newest of the folder that can be undone. */
function chosenSetup(setups: readonly SetupRecord[], wanted: true | string, path: string): SetupRecord {
  const found =
    wanted === true
      ? setups.find(({ undoUntilMs }) => undoUntilMs !== undefined)
      : setups.find(({ setup }) => setup === wanted);
  if (found !== undefined) return found;
  throw new LarderError(
    'NOT_FOUND',
    wanted === true
      ? `No setup of ${printable(path)} can be undone.`
      : `There is no setup ${printable(wanted)} of ${printable(path)}.`,
  );
}

async function undo(context: CommandContext, path: string, wanted: true | string, dryRun: boolean): Promise<ExitCode> {
  const client = await context.client();
  const { setups } = await client.call('setup.list', { path: absolute(context, path) }, { signal: context.signal });
  const record = chosenSetup(setups, wanted, path);
  const text = (): string =>
    `Undoing the setup ${record.setup} of ${formatDateTime(record.atMs)}, which\n` +
    record.steps.map((step) => `  ${printable(step)}\n`).join('');
  const json = { setup: record.setup, path: record.path, at: isoTime(record.atMs), steps: record.steps };
  if (dryRun) {
    print(context, () => ({ dryRun: true, ...json }), text);
    return exitCodes.done;
  }
  if (!context.options.yes && context.terminal.errIsTty) context.terminal.err(text());
  await confirm(context, `Take back ${formatQuantity(record.steps.length, 'step')}? What changed since stays.`);
  const { job, warnings } = await followJob(context, (engine) => engine.call('setup.undo', { setup: record.setup }));
  print(
    context,
    () => ({ dryRun: false, ...json, status: job.status, skipped: warnings }),
    () => `The setup of ${printable(record.path)} is undone.\n${skippedText(warnings)}`,
  );
  return exitCodeOfJob(job.status);
}

/** `larder setup PATH` */
export function registerSetup(program: Command, run: Run): void {
  program
    .command('setup')
    .argument('<path>', 'folder that is to hold the data; it need not be there yet')
    .option('--layout <id>', "layout to set up; larder.yaml's or the one the folder has when not given")
    .option('--owner <uid:gid>', "owner of folders and files, instead of the layout's")
    .addOption(oneOf('--part <part>', 'only this part; may be given again', setupParts).argParser(collectPart))
    .addOption(oneOf('--without <part>', 'leave this part out; may be given again', setupParts).argParser(collectPart))
    .option(
      '--move [path]',
      'bring in data from old places beside the store, or from this one; may be given again',
      collectMove,
    )
    .addOption(oneOf('--leave <what>', 'what an old place becomes (default: renamed)', ['renamed', 'link']))
    .option('--code <dir>', 'folder to look for old places in; the one the store lies in when not given')
    .option('--add [name]', 'register the folder as a store')
    .option('--undo [setup]', 'take back the newest setup of the folder, or this one')
    .option('--dry-run', 'only show what would happen')
    .description('lay out a data folder: folders, permissions, files beside the data; never overwrites')
    .addHelpText(
      'after',
      examples(
        'larder setup persistent_data --layout stock-prediction-3.4 --dry-run',
        'larder setup data --layout aura --add project',
        'larder setup persistent_data --move --leave link',
      ),
    )
    .action((path: string, options: SetupOptions) =>
      run((context) =>
        options.undo === undefined
          ? setUp(context, path, options)
          : undo(context, path, options.undo, options.dryRun === true),
      ),
    );
}

function collectPart(value: string, before: readonly SetupPart[] = []): readonly SetupPart[] {
  const part = setupParts.find((each) => each === value);
  if (part === undefined) {
    throw new LarderError('INVALID_INPUT', `There is no part called ${printable(value)}.`, {
      hint: `The parts are: ${setupParts.join(', ')}`,
    });
  }
  return [...before, part];
}

/** Without a path all; commander gives `true` for that. */
function collectMove(value: string, before: true | readonly string[] | undefined): readonly string[] {
  return collect(value, before === true || before === undefined ? [] : before);
}
