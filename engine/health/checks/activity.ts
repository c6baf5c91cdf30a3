import { formatBytes, formatDuration, formatQuantity, formatRelativeTime } from '../../../shared/format.ts';
import { defineCheck, pass, skip, warn } from '../check.ts';
import { dayMs, files, listed, shown } from './words.ts';

/** Roles a running system writes to all the time. */
const busy = new Set(['log', 'metrics', 'database']);
const quietDays = 14;
const staleDays = 30;
const nothingYet = 'Nothing has been written yet.';

export const activityChecks = [
  defineCheck({
    id: 'activity.newest',
    group: 'activity',
    title: 'Newest data',
    why: 'A store nobody has written to for weeks is finished, or something stopped without a word.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['figures'],
    run({ nowMs }, { figures }) {
      const [newest] = figures.areas
        .filter(({ role, newestMs }) => role !== 'log' && role !== 'backup' && newestMs > 0)
        .sort((a, b) => b.newestMs - a.newestMs);
      const atMs = newest?.newestMs ?? figures.newestMs;
      if (atMs <= 0 || figures.files === 0) return skip(nothingYet);
      const evidence = `${formatRelativeTime(Math.min(atMs, nowMs), nowMs)}${newest === undefined ? '' : `, in ${shown(newest.path)}`}.`;
      return nowMs - atMs > staleDays * dayMs ? warn(evidence) : pass(evidence);
    },
  }),
  defineCheck({
    id: 'activity.logs',
    group: 'activity',
    title: 'Logs of the last 24 hours',
    why: 'A service that runs writes a line now and then; none in a day says that it does not run, or logs elsewhere.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree', 'figures'],
    run({ layout, nowMs }, { tree: { logs, newest, complete } }) {
      if (!layout.areas.some(({ role }) => role === 'log')) return skip('No area is for logs.');
      if (logs.files === 0)
        return complete
          ? skip('There are no logs yet.')
          : skip('Only a part of the store was looked at, and no log was in it.');
      if (logs.lastDay > 0) return pass(`${files(logs.lastDay)} written to, of ${logs.files.toLocaleString('en-US')}.`);
      const last = newest.log;
      return warn(
        last === undefined
          ? 'None has been written.'
          : `The last was ${shown(last.path)}, ${formatRelativeTime(last.mtimeMs, nowMs)}.`,
        {
          ...(last === undefined ? {} : { paths: { first: [last.path], more: 0 } }),
        },
      );
    },
  }),
  defineCheck({
    id: 'activity.cache',
    group: 'activity',
    title: 'Cached items',
    why: 'A cache that is never cleaned grows until the disk is full, and serves what is out of date.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree', 'figures'],
    run({ layout }, { tree: { overdue, complete }, figures }) {
      const caches = layout.areas.filter(({ role }) => role === 'cache');
      if (caches.length === 0) return skip('No area is a cache.');
      if (!complete) return skip('Only a part of the store was looked at: it holds more entries than a check takes.');
      const held = figures.areas.filter(({ role }) => role === 'cache');
      const items = held.reduce((sum, area) => sum + area.files, 0);
      const bytes = held.reduce((sum, area) => sum + area.bytes, 0);
      const late = overdue.filter((each) => each.overdue > 0 && caches.some(({ path }) => path === each.path));
      const evidence = `${formatQuantity(items, 'item')} with ${formatBytes(bytes)}`;
      if (late.length === 0) return pass(`${evidence}.`);
      const words = late.map(
        ({ path, overdue: count, keepMs }) =>
          `${files(count)} in ${shown(path)} twice as old as its rule of ${formatDuration(keepMs)}`,
      );
      return warn(`${evidence}; ${listed(words)}.`, {
        paths: { first: late.map(({ path }) => path), more: 0 },
        cannot: 'Nothing is deleted here.',
      });
    },
  }),
  defineCheck({
    id: 'activity.stalled',
    group: 'activity',
    title: 'Whatever should be written is',
    why: 'When logs go on and metrics stopped weeks ago, one of the services has stopped writing where it should.',
    weight: 2,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['figures'],
    run({ nowMs, layout }, { figures }) {
      const expected = layout.areas.filter(({ role, guess }) => busy.has(role) && guess !== true);
      if (expected.length === 0) return skip('No area of a layout is for logs, metrics or a database.');
      const used = figures.areas.filter(
        ({ path, newestMs }) => newestMs > 0 && expected.some((area) => area.path === path),
      );
      if (used.length === 0) return skip(nothingYet);
      const quiet = used.filter(({ newestMs }) => nowMs - newestMs > quietDays * dayMs);
      if (quiet.length === 0)
        return pass(`${formatQuantity(used.length, 'area')} written to within ${quietDays} days.`);
      const words = listed(quiet.map(({ path, newestMs }) => `${shown(path)} ${formatRelativeTime(newestMs, nowMs)}`));
      return warn(`Last written: ${words}.`, { paths: { first: quiet.map(({ path }) => path), more: 0 } });
    },
  }),
];
