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
import { formatBytes, formatDateTime, formatQuantity } from '../../shared/format.ts';
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

const kindWords: Readonly<Record<SetupStep['kind'], string>> = {
  'make-directory': 'make folder',
  'set-mode': 'permission',
  'set-owner': 'owner',
  'write-file': 'write file',
  'append-lines': 'add lines',
  move: 'move in',
};

function stepText({ kind, path, detail, reason }: SetupStep): string {
  const tail = [detail, reason ?? ''].filter((part) => part !== '').map(printable);
  return `  ${kindWords[kind].padEnd(11)}  ${printable(path)}${tail.length === 0 ? '' : `  ${tail.join('. ')}`}\n`;
}

/** Steps a line each; the owner of what is made stands with it. */
function stepLines(steps: readonly SetupStep[]): string[] {
  const owners = new Map(steps.flatMap((step) => (step.kind === 'set-owner' ? [[step.path, step.detail]] : [])));
  const made = new Set(steps.flatMap(({ kind, path }) => (makes.has(kind) ? [path] : [])));
  return steps.flatMap((step) => {
    if (step.kind === 'set-owner' && made.has(step.path)) return [];
    const owner = makes.has(step.kind) ? owners.get(step.path) : undefined;
    const detail = [step.detail, owner === undefined ? '' : `owner ${owner}`].filter((part) => part !== '').join(', ');
    return [stepText({ ...step, detail })];
  });
}

const makes: ReadonlySet<SetupStep['kind']> = new Set(['make-directory', 'write-file']);

/** What cannot be done: owners, which are many, in one line, since a command says all of them. */
function cannotLines(steps: readonly SetupStep[]): string[] {
  const owners = steps.filter(({ kind }) => kind === 'set-owner');
  const others = steps.filter(({ kind }) => kind !== 'set-owner').map(stepText);
  const [first] = owners;
  if (first === undefined || owners.length < 3) return [...others, ...owners.map(stepText)];
  const owner = first.detail.split(' ')[0] ?? '';
  const paths = `${owners.length} folders and files`;
  return [...others, `  ${kindWords['set-owner'].padEnd(11)}  ${paths}  ${owner}. ${printable(first.reason ?? '')}\n`];
}

/** The texts of files beside the data, as they would be or, where another is there, could be. */
function textsOf({ steps }: SetupPlan): string {
  return steps
    .filter(({ part, text }) => text !== undefined && ['compose', 'environment', 'gitignore'].includes(part))
    .map(({ kind, path, text = '' }) => {
      const body = text
        .split('\n')
        .slice(0, -1)
        .map((line) => `  ${printable(line)}\n`);
      return `\n${printable(path)}${kind === 'append-lines' ? ', added' : ''}:\n${body.join('')}`;
    })
    .join('');
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.join('')}`;
}

/** What a person should know of a plan. With `all`, what is right already is listed, too. */
function planText(plan: SetupPlan, dryRun: boolean): string {
  const of = (state: SetupStep['state']): SetupStep[] => plan.steps.filter((step) => step.state === state);
  const kept = of('already').filter(({ reason }) => reason !== undefined);
  const offers = plan.moves.filter(({ chosen, refusal }) => !chosen && refusal === undefined);
  const refused = plan.moves.filter(({ refusal }) => refusal !== undefined);
  const needed =
    plan.bytesToCopy > plan.free
      ? `Moving needs ${formatBytes(plan.bytesToCopy)}, and ${formatBytes(plan.free)} are free.\n`
      : '';
  return (
    `${printable(plan.path)} as ${printable(plan.layout.title)}\n` +
    section(dryRun ? 'Would do:' : 'To do:', stepLines(of('todo'))) +
    section('Stays as it is:', kept.map(stepText)) +
    section('Cannot be done by this user:', cannotLines(of('cannot'))) +
    section(
      'Data at old places, which --move would bring in:',
      offers.map(
        ({ from, to, files, bytes }) =>
          `  ${printable(from)}  ${formatQuantity(files, 'file')}, ${formatBytes(bytes)}, to ${printable(to)}\n`,
      ),
    ) +
    section(
      'Data at old places that has to stay:',
      refused.map(({ from, refusal }) => `  ${printable(from)}  ${printable(refusal ?? '')}\n`),
    ) +
    servicesText(plan) +
    plan.notes.map((note) => `Note: ${printable(note)}\n`).join('') +
    section(
      'What only another user may do:',
      plan.commands.map((command) => `  ${printable(command)}\n`),
    ) +
    needed
  );
}

function servicesText({ services }: SetupPlan): string {
  return services
    .map(({ name, kind, database, collections = [], settings = {} }) => {
      const rows: [string, string][] = [
        ...(database === undefined ? [] : [['database', database] as [string, string]]),
        ...collections.map(({ name: each, keepDays }): [string, string] => [
          `collection ${each}`,
          keepDays === undefined ? '' : `kept ${formatQuantity(keepDays, 'day')}`,
        ]),
        ...Object.entries(settings).map(([key, value]): [string, string] => ['setting', `${key}=${value}`]),
      ];
      return `Service ${printable(name)} (${kind}):\n${facts(rows.map(([key, value]) => [printable(key), printable(value)]))}`;
    })
    .join('');
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
