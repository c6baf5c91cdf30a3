import type {
  HealthChange,
  HealthCheck,
  HealthFixPlan,
  HealthGroup,
  HealthReport,
  HealthSample,
  Skipped,
  Store,
} from '../../shared/contract/index.ts';
import { formatDate, formatDateTime, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';
import { padEnd, printable } from '../text.ts';

const groupTitles: Readonly<Record<HealthGroup, string>> = {
  structure: 'Structure',
  permissions: 'Permissions',
  disk: 'Disk',
  integrity: 'Integrity',
  backups: 'Backups',
  activity: 'Activity',
  environment: 'Environment',
  compose: 'Compose files',
  larder: 'Larder',
};

/** Paths shown with a result; the JSON has more. */
const shownPaths = 5;

function statusWord({ status, muted }: HealthCheck, style: Style): string {
  if (muted !== undefined) return style.dim('muted');
  switch (status) {
    case 'pass':
      return style.green('pass ');
    case 'warn':
      return style.yellow('warn ');
    case 'fail':
      return style.red('FAIL ');
    case 'skip':
      return style.dim('?    ');
  }
}

/** A folder of nobody's is said by its evidence; of several paths the list says more. */
function pathLines({ paths }: HealthCheck): string[] {
  if (paths === undefined || paths.first.length + paths.more < 2) return [];
  const shown = paths.first
    .slice(0, shownPaths)
    .map((path) => `- ${path === '' ? 'the root folder' : printable(path)}`);
  const more = paths.first.length + paths.more - shown.length;
  return more > 0 ? [...shown, `- and ${formatQuantity(more, 'more', 'more')}`] : shown;
}

function mutedText({ muted }: HealthCheck): string[] {
  if (muted === undefined) return [];
  const until = muted.untilMs === undefined ? '' : ` until ${formatDate(muted.untilMs)}`;
  return [`Muted${until}: ${printable(muted.reason)}`];
}

function checkText(check: HealthCheck, width: number, style: Style): string {
  const { id, area, status, title, evidence, why, fix, command } = check;
  const of = area === undefined ? '' : style.dim(` [${printable(area)}]`);
  const first = `  ${statusWord(check, style)} ${padEnd(printable(title), width)}  ${printable(evidence)}${of}\n`;
  if (status === 'pass') return first;
  const rest = [
    ...pathLines(check),
    ...mutedText(check),
    ...(status === 'skip' ? [] : [`${printable(why)} ${style.dim(id)}`]),
    ...(fix === undefined ? [] : [`Larder can mend it: ${printable(fix.title)} (--fix)`]),
    ...(command === undefined ? [] : [`$ ${printable(command)}`]),
  ];
  return first + rest.map((line) => `          ${line}\n`).join('');
}

export function reportText(store: Store, report: HealthReport, style: Style): string {
  const { score, counts, checks } = report;
  const said = [
    counts.fail === 0 ? undefined : formatQuantity(counts.fail, 'failure'),
    counts.warn === 0 ? undefined : formatQuantity(counts.warn, 'warning'),
    `${counts.pass} passed`,
    counts.skip === 0 ? undefined : `${counts.skip} cannot be told`,
    counts.muted === 0 ? undefined : `${counts.muted} muted`,
  ].filter((each) => each !== undefined);
  let text = `${style.bold(printable(store.name))}  ${printable(store.path)}\nscore ${score} of 100: ${said.join(', ')}\n`;
  const width = Math.max(0, ...checks.map(({ title }) => printable(title).length));
  for (const [group, title] of Object.entries(groupTitles)) {
    const own = checks.filter((check) => check.group === group);
    if (own.length === 0) continue;
    text += `\n${style.bold(title)}\n${own.map((check) => checkText(check, width, style)).join('')}`;
  }
  return text;
}

/** Changes listed before a question is asked; the JSON has them all. */
const shownChanges = 40;

function changeText({ kind, path, from, to }: HealthChange): string {
  const where = path === '' ? 'the root folder' : printable(path);
  switch (kind) {
    case 'create':
      return `create  ${where}  (${printable(to)})`;
    case 'mode':
      return `mode    ${where}  ${from} to ${to}`;
    case 'owner':
      return `owner   ${where}  ${from} to ${to}`;
    case 'append':
      return `add to  ${where}  ${printable(to)}`;
  }
}

export function planText({ changes, more, cannot }: HealthFixPlan): string {
  let text = changes.length === 0 ? 'There is nothing Larder can mend here.\n' : '';
  for (const change of changes.slice(0, shownChanges)) text += `  ${changeText(change)}\n`;
  if (changes.length > shownChanges) text += `  and ${formatQuantity(changes.length - shownChanges, 'more', 'more')}\n`;
  if (more) text += 'One run does not mend all of it; run it again afterwards.\n';
  if (cannot.length > 0) text += '\nNot to be mended here:\n';
  for (const { title, area, reason, command } of cannot) {
    text += `  ${printable(title)}${area === undefined ? '' : ` [${printable(area)}]`}: ${printable(reason)}\n`;
    if (command !== undefined) text += `      $ ${printable(command)}\n`;
  }
  return text;
}

export function outcomeText(done: readonly HealthChange[], skipped: readonly Skipped[]): string {
  let text = `${formatQuantity(done.length, 'change')} made.\n`;
  for (const { path, reason } of skipped.slice(0, shownChanges)) {
    text += `  ${path === '' ? 'the root folder' : printable(path)}: ${printable(reason)}\n`;
  }
  if (skipped.length > shownChanges) text += `  and ${formatQuantity(skipped.length - shownChanges, 'more', 'more')}\n`;
  return text;
}

export function historyText(samples: readonly HealthSample[], nowMs: number): string {
  if (samples.length === 0) return 'Its health was never looked at.\n';
  const right = 'right' as const;
  return table(
    [
      { title: 'WHEN' },
      { title: '' },
      { title: 'SCORE', align: right },
      { title: 'FAIL', align: right },
      { title: 'WARN', align: right },
      { title: 'PASS', align: right },
    ],
    samples.map(({ atMs, score, fail, warn, pass }) => [
      formatDateTime(atMs),
      formatRelativeTime(atMs, nowMs),
      String(score),
      String(fail),
      String(warn),
      String(pass),
    ]),
  );
}
