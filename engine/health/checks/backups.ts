import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity, formatRelativeTime } from '../../../shared/format.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { BackupFacts, Base, Figures } from '../facts.ts';
import { dayMs, listed, quoted, sentence, shown } from './words.ts';

const none = 'There is no backup yet.';
/** A clock may be a little off. */
const slackMs = 5 * 60_000;

const usable = ({ backups }: BackupFacts): Backup[] => backups.filter(({ problem }) => problem === undefined);
/** The newest that does not claim to come from the future. */
function newest(facts: BackupFacts, nowMs: number): Backup | undefined {
  const found = usable(facts);
  return found.find(({ finishedAtMs }) => finishedAtMs <= nowMs + slackMs) ?? found[0];
}

function backUp({ store }: Base): string {
  return `larder backup ${quoted(store.name)}`;
}

/** Nothing in it, or added within the last day. */
function isNew({ store, nowMs }: Base, figures: Figures): boolean {
  return figures.bytes === 0 || nowMs - store.addedAtMs < dayMs;
}

export const backupChecks = [
  defineCheck({
    id: 'backups.any',
    group: 'backups',
    title: 'There is a backup',
    why: 'What is on one disk only is gone with it.',
    weight: 4,
    statuses: ['pass', 'fail', 'skip'],
    needs: ['backups', 'figures'],
    run(base, { backups, figures }) {
      const count = usable(backups).length;
      if (count > 0) return pass(`${formatQuantity(count, 'backup')} in ${shown(base.store.destination)}.`);
      const broken = backups.backups.length;
      if (broken > 0)
        return fail(`None of ${formatQuantity(broken, 'backup')} can be used.`, { command: backUp(base) });
      if (isNew(base, figures)) {
        return skip(
          figures.bytes === 0
            ? `${none} The store is empty.`
            : `${none} The store was added ${formatRelativeTime(base.store.addedAtMs, base.nowMs)}.`,
          { command: backUp(base) },
        );
      }
      return fail(none, { command: backUp(base) });
    },
  }),
  defineCheck({
    id: 'backups.age',
    group: 'backups',
    title: 'The last backup is recent',
    why: 'What was made since then exists once.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['backups', 'figures'],
    run(base, { backups, figures }) {
      const last = newest(backups, base.nowMs);
      if (last === undefined) return skip(none);
      const age = base.nowMs - last.finishedAtMs;
      const evidence = `It was made ${formatRelativeTime(last.finishedAtMs, base.nowMs)}.`;
      if (age <= dayMs) return pass(evidence);
      if (figures.newestMs > 0 && figures.newestMs <= last.startedAtMs && !figures.atLeast) {
        return pass(`${evidence} Nothing has been written since.`);
      }
      const rest = { command: backUp(base) };
      return age > 7 * dayMs ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
  defineCheck({
    id: 'backups.last',
    group: 'backups',
    title: 'The last backup went well',
    why: 'A backup that fails every night looks from afar like one that is made every night.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['backups'],
    run(base, { backups }) {
      const [job] = backups.jobs;
      const last = newest(backups, base.nowMs);
      const ended = job?.finishedAtMs ?? job?.startedAtMs ?? -Infinity;
      const rest = { command: backUp(base) };
      if (
        job !== undefined &&
        (job.status === 'failed' || job.status === 'interrupted') &&
        ended > (last?.finishedAtMs ?? -Infinity)
      ) {
        const why =
          job.status === 'interrupted' ? 'Larder ended while it was made.' : (job.error?.message ?? 'It failed.');
        return fail(`${formatRelativeTime(ended, base.nowMs)}: ${why}`, rest);
      }
      if (last === undefined) return skip(none);
      if (last.status === 'partial') {
        const paths = last.skipped.map(({ path }) => path);
        return warn(
          `${formatQuantity(last.skipped.length, 'path')} left out: ${listed(
            last.skipped.map(({ path, reason }) => `${shown(path)}: ${reason}`),
            last.skipped.length,
            1,
          )}.`,
          {
            ...rest,
            paths: { first: paths.slice(0, 20), more: Math.max(0, paths.length - 20) },
          },
        );
      }
      return pass(`${formatQuantity(last.files, 'file')}, nothing left out that was to be in it.`);
    },
  }),
  defineCheck({
    id: 'backups.whole',
    group: 'backups',
    title: 'Every backup can be used',
    why: 'A backup whose archive is missing or damaged is found out when it is needed.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['backups'],
    run({ store }, { backups: { backups, problems } }) {
      if (backups.length === 0 && problems.length === 0) return skip(none);
      const broken = backups.filter(({ problem }) => problem !== undefined);
      const troubles = [
        ...broken.map(({ archive, problem }) => ({ path: archive, message: problem ?? '' })),
        ...problems.map(({ path, message }) => ({ path, message })),
      ];
      if (troubles.length === 0)
        return pass(
          `${formatQuantity(backups.length, 'backup')} as they should be.`.replace(
            '1 backup as they',
            '1 backup as it',
          ),
        );
      const evidence = sentence(
        listed(
          troubles.map(({ path, message }) => `${shown(path)}: ${message}`),
          troubles.length,
          2,
        ),
      );
      const rest = {
        paths: { first: troubles.slice(0, 20).map(({ path }) => path), more: Math.max(0, troubles.length - 20) },
        command: `larder backups ${quoted(store.name)}`,
      };
      return backups[0]?.problem === undefined ? warn(evidence, rest) : fail(evidence, rest);
    },
  }),
  defineCheck({
    id: 'backups.verified',
    group: 'backups',
    title: 'The last backup was verified',
    why: 'Only what was read back is known to be there.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['backups'],
    run({ store, nowMs }, { backups }) {
      const last = newest(backups, nowMs);
      if (last === undefined) return skip(none);
      const command = `larder verify latest:${quoted(store.name)}`;
      const { verified } = last;
      if (verified === undefined) return warn('It was never read back.', { command });
      const at = formatRelativeTime(verified.atMs, nowMs);
      return verified.ok
        ? pass(`${at}, ${verified.mode}.`)
        : fail(`Damage was found ${at}.`, { command: `larder verify latest:${quoted(store.name)} --deep` });
    },
  }),
  defineCheck({
    id: 'backups.destination',
    group: 'backups',
    title: 'The folder for backups',
    why: 'Where it cannot be written, the next backup fails; where it is gone, so are the backups.',
    weight: 3,
    statuses: ['pass', 'fail', 'skip'],
    needs: ['backups'],
    run({ store }, { backups: { destination, jobs, backups } }) {
      const path = shown(store.destination);
      const command = `ls -ld ${quoted(store.destination)}`;
      switch (destination.state) {
        case 'folder':
          return destination.writable
            ? pass(`${path} can be written.`)
            : fail(`${path} cannot be written by this user.`, { command });
        case 'unusable':
          return fail(`${path} ${destination.reason ?? 'cannot be used'}.`, { command });
        case 'missing':
          if (backups.length > 0 || jobs.some(({ status }) => status === 'done' || status === 'partial')) {
            return fail(`${path} is not there any more.`, { command });
          }
          return destination.writable
            ? skip(`${path} is made with the first backup.`)
            : fail(`${path} is not there, and this user may not make it.`, { command });
      }
    },
  }),
  defineCheck({
    id: 'backups.other-disk',
    group: 'backups',
    title: 'Backups on another disk',
    why: 'A disk that fails takes with it whatever lies on it, backups too.',
    weight: 2,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['backups'],
    run({ store }, { backups }) {
      const { sameDisk } = backups.destination;
      if (sameDisk === undefined) return skip('Which disk they are on cannot be told.');
      if (!sameDisk) return pass(`${shown(store.destination)} lies on another.`);
      const evidence = `${shown(store.destination)} lies on the disk of the data.`;
      if (usable(backups).length === 0) return skip(`${none} ${evidence}`);
      return warn(evidence, {
        command: `larder backup ${quoted(store.name)} --dest FOLDER`,
        cannot: 'Which folder on another disk is yours to say.',
      });
    },
  }),
  defineCheck({
    id: 'backups.count',
    group: 'backups',
    title: 'Enough backups',
    why: 'Damage is often noticed days later, and then it is an older backup that helps.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['backups'],
    run(base, { backups }) {
      const count = usable(backups).length;
      if (count === 0) return skip(none);
      const kept = base.layout.keepLast ?? base.store.rules.retention.keepLast;
      // One a day is what is wanted; a store of three days cannot have ten.
      const wanted = Math.min(kept, Math.floor((base.nowMs - base.store.addedAtMs) / dayMs));
      if (wanted < 1) return skip('The store is not a day old yet.');
      const evidence = `${count} of ${kept} to be kept.`;
      return count < wanted
        ? warn(`${evidence} With one a day there would be ${wanted}.`, { command: backUp(base) })
        : pass(evidence);
    },
  }),
  defineCheck({
    id: 'backups.dates',
    group: 'backups',
    title: 'Dates of backups',
    why: 'A backup from the future counts as the newest for years, and rotation may remove the real ones for it.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['backups'],
    run({ nowMs }, { backups: { backups } }) {
      if (backups.length === 0) return skip(none);
      const future = backups.filter(({ finishedAtMs }) => finishedAtMs > nowMs + slackMs);
      const [first] = future;
      if (first === undefined) return pass('None is dated in the future.');
      return warn(
        `${formatQuantity(future.length, 'backup')} dated in the future, such as ${formatDateTime(first.finishedAtMs)}.`,
        {
          paths: { first: future.slice(0, 20).map(({ archive }) => archive), more: Math.max(0, future.length - 20) },
          command: 'timedatectl',
          cannot: 'Set the clock of this machine; such a backup can be removed with larder prune.',
        },
      );
    },
  }),
];
