import { formatDateTime, formatQuantity, formatRelativeTime } from '../../../shared/format.ts';
import { pathsOf } from '../bounded.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import { dayMs, files, listed, quoted, sentence, shown } from './words.ts';

/** Larder did not exist before; a clock that says so is wrong. */
const firstYearMs = Date.UTC(2025, 0, 1);
/** Clocks are put right by seconds now and then. */
const slackMs = 60_000;

/** `[major, minor, patch]`; undefined for what is no version. Suffixes such as `-beta` do not count. */
function parts(version: string): number[] | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? undefined : match.slice(1, 4).map(Number);
}

/** Whether a version comes after another; undefined where one of them is none. */
export function isNewer(version: string, than: string): boolean | undefined {
  const [a, b] = [parts(version), parts(than)];
  if (a === undefined || b === undefined) return undefined;
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? 0;
    if (part !== other) return part > other;
  }
  return false;
}

export const composeChecks = [
  defineCheck({
    id: 'compose.findings',
    group: 'compose',
    title: 'Compose files keep the data',
    why: 'A service deployed without its mount writes into its container, and the data goes with the next deployment.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['compose'],
    run({ store }, { compose: { projects, counts } }) {
      if (projects.length === 0) return skip('There is no compose file beside the store.');
      const worth = projects
        .flatMap(({ findings }) => findings)
        .filter(({ severity }) => severity !== 'info')
        .sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
      const command = `larder compose check --store ${quoted(store.name)}`;
      const checked = `${formatQuantity(
        projects.reduce((sum, { services }) => sum + services.length, 0),
        'service',
      )} in ${listed(projects.map(({ name }) => name))}`;
      const unknown = projects.flatMap(({ cannotTell }) => cannotTell);
      if (worth.length === 0) {
        const [first] = unknown;
        if (first !== undefined) return skip(`${first.message} ${first.why}`, { command });
        return pass(`${checked}, no mistakes.`);
      }
      const words = worth.map(({ service, message }) => `${service === undefined ? '' : `${service}: `}${message}`);
      const rest = {
        paths: {
          first: worth.slice(0, 20).map(({ file, line }) => `${file}:${line}`),
          more: Math.max(0, worth.length - 20),
        },
        command,
        cannot: 'larder compose check shows the lines and mends what can be mended.',
      };
      const found = [
        counts.errors > 0 ? formatQuantity(counts.errors, 'error') : undefined,
        counts.warnings > 0 ? formatQuantity(counts.warnings, 'warning') : undefined,
      ].filter((each) => each !== undefined);
      const [first = ''] = words;
      const evidence = `${listed(found)}: ${shown(first)}${words.length > 1 ? ` And ${words.length - 1} more.` : ''}`;
      return counts.errors > 0 ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
];

export const larderChecks = [
  defineCheck({
    id: 'larder.live',
    group: 'larder',
    title: 'Changes are seen as they happen',
    why: 'What is not watched is only counted now and then, so that figures and checks lag behind.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['larder'],
    run(_base, { larder: { live } }) {
      switch (live.state) {
        case 'live':
          return pass('A running Larder watches it.');
        case 'partial':
          return warn(live.reason ?? 'Some of it is only read again now and then.');
        case 'starting':
          return skip('A running Larder is about to watch it.');
        case 'off':
          return skip(live.reason ?? 'No Larder is running for it.');
      }
    },
  }),
  defineCheck({
    id: 'larder.database',
    group: 'larder',
    title: "Larder's own database",
    why: 'It holds settings and history. Backups do not need it, but their history here does.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['larder'],
    run(_base, { larder: { database, notices } }) {
      if (database !== 'ok') {
        return database === 'busy'
          ? skip('It is in use by another Larder.')
          : fail(sentence(database), { command: 'larder doctor' });
      }
      const told = notices.find(({ level }) => level !== 'info');
      return told === undefined ? pass('larder.db is sound.') : warn(told.message, { command: 'larder doctor' });
    },
  }),
  defineCheck({
    id: 'larder.clock',
    group: 'larder',
    title: 'The clock',
    why: 'Ages of backups, rotation and cleanup all go by it: a clock that jumps can make new things look old.',
    weight: 1,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['larder', 'tree'],
    run({ nowMs }, { larder: { lastReportMs }, tree: { future, complete } }) {
      const command = 'timedatectl';
      if (nowMs < firstYearMs) return fail(`It says ${formatDateTime(nowMs)}.`, { command });
      if (lastReportMs !== undefined && nowMs < lastReportMs - slackMs) {
        return warn(`It was set back: health was last looked at ${formatDateTime(lastReportMs)}.`, { command });
      }
      if (future.count > 0) {
        const [first] = future.first;
        const example = first === undefined ? '' : `, such as ${shown(first.path)}: ${formatDateTime(first.mtimeMs)}`;
        return warn(`${files(future.count)} dated in the future${example}.`, { paths: pathsOf(future), command });
      }
      if (!complete && lastReportMs === undefined)
        return skip('Only a part of the store was looked at, and there is no earlier report.');
      return pass(
        lastReportMs === undefined
          ? 'Nothing is dated in the future.'
          : `It has gone on since ${formatRelativeTime(Math.max(lastReportMs, nowMs - 3650 * dayMs), nowMs)}.`,
      );
    },
  }),
  defineCheck({
    id: 'larder.version',
    group: 'larder',
    title: "Larder's version",
    why: 'An older Larder may not know what a newer one has written.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['larder'],
    run(_base, { larder: { version, newestVersion } }) {
      const newer = newestVersion === undefined ? false : isNewer(newestVersion, version);
      if (newer === undefined) return skip(`This is ${version}, and the last one here was ${newestVersion ?? 'none'}.`);
      return newer
        ? warn(`This is ${version}, and ${newestVersion ?? 'a newer one'} has been used with the same settings.`, {
            command: 'larder --version',
          })
        : pass(version);
    },
  }),
  defineCheck({
    id: 'larder.layout-file',
    group: 'larder',
    title: 'larder.yaml',
    why: 'While it has mistakes, none of its rules hold, and areas are those of the layout or guessed.',
    weight: 2,
    statuses: ['pass', 'fail', 'skip'],
    needs: ['areas'],
    run({ store, layout }) {
      const [first] = layout.problems;
      if (layout.file === 'broken' || first !== undefined) {
        const at = first?.line === undefined ? '' : `line ${first.line}: `;
        const more = layout.problems.length > 1 ? ` And ${layout.problems.length - 1} more.` : '';
        return fail(`${at}${first?.message ?? 'It cannot be read.'}${more}`, {
          paths: { first: [first?.line === undefined ? 'larder.yaml' : `larder.yaml:${first.line}`], more: 0 },
          command: `\${EDITOR:-vi} ${quoted(`${store.path}/larder.yaml`)}`,
          cannot: 'What it should say is yours to say.',
        });
      }
      return pass(layout.file === 'none' ? 'There is none, and none is needed.' : 'It is valid.');
    },
  }),
];
