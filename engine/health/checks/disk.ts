import { formatBytes, formatDate, formatPercent, formatQuantity } from '../../../shared/format.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { Finding } from '../check.ts';
import { dayMs, listed, quoted, shown } from './words.ts';

/** Shares of a disk from which it is said to be filling up, and full. */
const warnAt = 0.8;
const failAt = 0.9;

function level(used: number, evidence: string, rest: Partial<Finding>): Finding {
  if (used >= failAt) return fail(evidence, rest);
  return used >= warnAt ? warn(evidence, rest) : pass(evidence);
}

export const diskChecks = [
  defineCheck({
    id: 'disk.fill',
    group: 'disk',
    title: 'Room on the disk',
    why: 'On a full disk, training stops, databases refuse to write and logs break off.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['disk'],
    run({ store }, { disk: { disks } }) {
      const known = disks.filter(({ capacity }) => capacity > 0);
      const fullest = known.toSorted((a, b) => a.free / a.capacity - b.free / b.capacity)[0];
      if (fullest === undefined) return skip('The file system does not tell how large it is.');
      const { mountPoint, capacity, free } = fullest;
      const used = capacity - free;
      const evidence = `${shown(mountPoint)} is ${formatPercent(used, capacity)} full, ${formatBytes(free)} free.`;
      return level(used / capacity, evidence, { command: `larder usage ${quoted(store.name)}` });
    },
  }),
  defineCheck({
    id: 'disk.backup-room',
    group: 'disk',
    title: 'Room for the next backup',
    why: 'A backup that does not fit is not made, and nobody is there to see it at two in the morning.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['backups', 'figures'],
    run({ store }, { backups: { backups, destination }, figures }) {
      if (destination.free === undefined)
        return skip(`How much room there is at ${shown(store.destination)} cannot be told.`);
      const last = backups.filter(({ problem }) => problem === undefined).slice(0, 3);
      // What the last ones added, and room to spare; before the first, all there is, which compresses at worst not at all.
      const needed =
        last.length === 0 ? figures.bytes : Math.ceil(Math.max(...last.map(({ storedBytes }) => storedBytes)) * 1.25);
      const from =
        last.length === 0
          ? 'the whole store'
          : last.length === 1
            ? 'the last backup'
            : `the last ${last.length} backups`;
      const evidence = `${formatBytes(destination.free)} free where about ${formatBytes(needed)} will be needed, by ${from}.`;
      const command = `larder backup ${quoted(store.name)} --dry-run`;
      if (destination.free < needed) return fail(evidence, { command });
      return destination.free < needed * 2 && needed > 0 ? warn(evidence, { command }) : pass(evidence);
    },
  }),
  defineCheck({
    id: 'disk.forecast',
    group: 'disk',
    title: 'When the disk will be full',
    why: 'To know it some weeks ahead leaves time to make room.',
    weight: 1,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['disk'],
    run({ nowMs, store }, { disk: { forecast } }) {
      if (forecast === undefined || forecast.state === 'unknown') {
        return skip(forecast?.reason ?? 'There is no history of this disk yet.');
      }
      const { fullAtMs, state, reason } = forecast;
      if (state === 'steady' || fullAtMs === undefined) return pass(`It is not filling up. ${reason}`);
      const evidence = `At ${formatBytes(forecast.bytesPerDay ?? 0)} a day it is full about ${formatDate(fullAtMs)}. ${reason}`;
      const left = fullAtMs - nowMs;
      const command = `larder usage ${quoted(store.name)}`;
      if (left < 7 * dayMs) return fail(evidence, { command });
      return left < 30 * dayMs ? warn(evidence, { command }) : pass(evidence);
    },
  }),
  defineCheck({
    id: 'disk.inodes',
    group: 'disk',
    title: 'Room for more files',
    why: 'A file system can run out of entries with gigabytes to spare, and then says that it is full.',
    weight: 1,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['disk'],
    run(_base, { disk: { disks } }) {
      const [worst] = disks
        .flatMap(({ mountPoint, inodes }) =>
          inodes === undefined || inodes.total === 0 ? [] : [{ mountPoint, ...inodes }],
        )
        .sort((a, b) => a.free / a.total - b.free / b.total);
      if (worst === undefined) return skip('This file system has no fixed number of entries.');
      const used = worst.total - worst.free;
      const evidence = `${shown(worst.mountPoint)}: ${formatPercent(used, worst.total)} used, ${formatQuantity(worst.free, 'entry', 'entries')} free.`;
      return level(used / worst.total, evidence, { command: `df -i ${quoted(worst.mountPoint)}` });
    },
  }),
  defineCheck({
    id: 'disk.read-only',
    group: 'disk',
    title: 'The file system can be written',
    why: 'Linux mounts a file system read-only when it finds errors on it: the disk may be about to fail.',
    weight: 3,
    statuses: ['pass', 'fail', 'skip'],
    needs: ['areas'],
    run({ platform, store }, { areas }) {
      if (platform === 'win32') return skip('This system does not tell.');
      const root = areas.find(({ path }) => path === '');
      if (root?.writable === undefined) return skip('The folder cannot be reached.');
      return root.writable === 'read-only'
        ? fail(`${shown(store.path)} is mounted read-only.`, { command: `findmnt --target ${quoted(store.path)}` })
        : pass('It is not mounted read-only.');
    },
  }),
  defineCheck({
    id: 'disk.network',
    group: 'disk',
    title: 'The file system is local',
    why: 'Over the network, changes made elsewhere come unseen, and databases such as SQLite can be damaged by its locks.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['disk'],
    run(_base, { disk: { disks } }) {
      const remote = disks.filter(({ network }) => network);
      if (remote.length > 0) {
        return warn(
          `${listed(remote.map(({ mountPoint, type }) => `${shown(mountPoint)} (${type})`))} ${remote.length === 1 ? 'is' : 'are'} on the network.`,
        );
      }
      if (disks.some(({ type }) => type === ''))
        return skip('This system does not tell what kind of file system it is.');
      return pass(`It is ${listed([...new Set(disks.map(({ type }) => type))])}.`);
    },
  }),
];
