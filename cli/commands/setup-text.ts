import type { SetupPlan, SetupStep } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

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
export function textsOf({ steps }: SetupPlan): string {
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
export function planText(plan: SetupPlan, dryRun: boolean): string {
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
