import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ComposeFinding, HealthStatus, StoreLayout } from '../../../shared/contract/index.ts';
import { healthGroups, healthStatuses } from '../../../shared/contract/index.ts';
import { bounded } from '../bounded.ts';
import type { Facts } from '../facts.ts';
import {
  area,
  backup,
  backups,
  dayMs,
  disk,
  facts,
  family,
  figures,
  hourMs,
  known,
  larder,
  makeBase,
  nowMs,
  present,
  tree,
} from '../test-facts.ts';
import type { BaseFields } from '../test-facts.ts';
import { allChecks } from './index.ts';

/** What makes a check come to a status, and words its evidence has. */
interface Case {
  readonly to: HealthStatus;
  readonly base?: BaseFields;
  readonly facts?: Partial<Facts>;
  readonly says?: RegExp;
}

const guesses: Partial<StoreLayout> = { source: 'guess' };
const partly = { tree: { ...tree, complete: false } };
const ofTree = (changed: Partial<Facts['tree']>): Partial<Facts> => ({ tree: { ...tree, ...changed } });
const link = (path: string, role: 'model' | 'other' = 'other') => ({ path, target: '/elsewhere', role });
const noBackup = { backups: { ...backups, backups: [] } };
const ofBackups = (...found: Facts['backups']['backups']): Partial<Facts> => ({
  backups: { ...backups, backups: found },
});
const { verified: _verified, ...unverified } = backup();
const job = { status: 'failed', startedAtMs: nowMs - hourMs, finishedAtMs: nowMs - hourMs, warningCount: 0 } as const;
const ofDisk = (changed: Partial<typeof disk>): Partial<Facts> => ({
  disk: { ...facts.disk, disks: [{ ...disk, ...changed }] },
});
const growing = (days: number): Partial<Facts> => ({
  disk: {
    disks: [disk],
    forecast: {
      mountPoint: '/data',
      state: 'growing',
      reason: '28 days.',
      bytesPerDay: 5,
      fullAtMs: nowMs + days * dayMs,
    },
  },
});
const trouble = (role: 'model' | 'cache') => bounded([{ path: `${role}/a`, role, reason: 'ends early' }]);
const ofFamily = (name: 'models' | 'arrays' | 'databases', changed: Partial<typeof family>): Partial<Facts> => ({
  integrity: {
    complete: true,
    unsettled: 0,
    families: { ...facts.integrity.families, [name]: { ...family, ...changed } },
  },
});
const wholeness = (name: 'models' | 'arrays' | 'databases'): Case[] => [
  { to: 'pass', says: /^3 files whole/ },
  { to: 'pass', facts: ofFamily(name, { looked: 0, whole: 0 }), says: /^There are no / },
  { to: 'warn', facts: ofFamily(name, { damaged: trouble('cache') }) },
  { to: 'fail', facts: ofFamily(name, { damaged: trouble('model') }), says: /model\/a ends early/ },
  { to: 'skip', facts: ofFamily(name, { looked: 1, whole: 0, unknown: trouble('model') }) },
  { to: 'skip', facts: { integrity: { ...facts.integrity, complete: false } } },
];
const entry = { path: 'models/a', uid: 0, gid: 0, want: { uid: 1001, gid: 1001 } };
const off = bounded([{ path: 'models', kind: 'dir' as const, from: 0o700, want: 0o755 }]);
const none = bounded<never>([]);
const changedFile = (bytes: number) =>
  bounded([{ path: 'blobs/a', from: { bytes: 5, mtimeMs: 1 }, to: { bytes, mtimeMs: 2 } }]);
const finding = (severity: ComposeFinding['severity']): Partial<Facts> => ({
  compose: {
    projects: [
      {
        folder: '/data',
        name: 'app',
        files: [],
        services: [],
        cannotTell: [],
        findings: [
          {
            id: 'f',
            rule: 'data-not-mounted',
            severity,
            file: '/data/compose.yaml',
            line: 3,
            column: 1,
            subject: 'x',
            message: 'Nothing is mounted.',
            why: 'It is gone.',
          },
        ],
      },
    ],
    counts: { errors: Number(severity === 'error'), warnings: Number(severity === 'warning'), infos: 0, cannotTell: 0 },
  },
});
const [project] = facts.compose.projects;
const [env] = facts.env;
const leads = (variable: Partial<Facts['env'][number]['variables'][number]>): Partial<Facts> => ({
  env:
    env === undefined
      ? []
      : [{ ...env, variables: [{ name: 'MODEL_PATH', line: 4, value: '/x', leads: { to: 'nowhere' }, ...variable }] }],
});

const cases: Readonly<Record<string, readonly Case[]>> = {
  'structure.root': [
    { to: 'pass' },
    { to: 'fail', base: { store: { state: 'missing', stateReason: 'It is not there.' } }, says: /not there/ },
  ],
  'structure.required': [
    { to: 'pass', says: /All 3 folders/ },
    { to: 'pass', base: { layout: { areas: [area('models', { required: false })] } } },
    {
      to: 'warn',
      facts: { areas: [present('models', { missingFolders: ['old'] }), present('logs'), present('cache')] },
    },
    { to: 'fail', facts: { areas: [present('models', { state: 'missing' }), present('logs'), present('cache')] } },
    {
      to: 'fail',
      facts: { areas: [present('models', { state: 'file' }), present('logs'), present('cache')] },
      says: /not a folder/,
    },
    { to: 'fail', base: { layout: { areas: [area('models--*', { exists: false })] } }, says: /No folder/ },
    { to: 'skip', facts: { areas: [present('models', { state: 'unreadable' }), present('logs'), present('cache')] } },
    { to: 'skip', base: { layout: guesses } },
  ],
  'structure.unexpected': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: {
        figures: {
          ...figures,
          areas: [{ path: 'old', role: 'other', guess: true, bytes: 2 ** 31, files: 1, newestMs: 1 }],
        },
      },
      says: /old \(2\.0 GiB\) belongs to no area/,
    },
    { to: 'skip', base: { layout: guesses } },
  ],
  'structure.empty': [
    { to: 'pass' },
    { to: 'warn', facts: { figures: { ...figures, areas: figures.areas.slice(1) } }, says: /models is empty/ },
    { to: 'skip', base: { store: { addedAtMs: nowMs } }, facts: { figures: { ...figures, areas: [] } } },
    { to: 'skip', base: { layout: guesses } },
  ],
  'structure.dangling': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ dangling: bounded([link('a')]) }) },
    { to: 'fail', facts: ofTree({ dangling: bounded([link('a', 'model')]) }) },
    { to: 'skip', facts: partly },
  ],
  'structure.leaving': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ leaving: bounded([link('a')]) }), says: /a leads to \/elsewhere/ },
    { to: 'skip', facts: partly },
  ],
  'permissions.writable': [
    { to: 'pass' },
    {
      to: 'warn',
      base: { layout: { areas: [area('logs', { required: false })] } },
      facts: { areas: [present(''), present('logs', { writable: 'no' })] },
    },
    { to: 'fail', facts: { areas: [present('', { writable: 'no' })] } },
    { to: 'fail', facts: { areas: [present('', { writable: 'read-only' })] }, says: /read-only/ },
    { to: 'skip', facts: { areas: [] } },
  ],
  'permissions.readable': [
    { to: 'pass' },
    { to: 'fail', facts: ofTree({ unreadable: bounded([{ path: 'a', reason: 'may not be read' }]) }) },
    { to: 'skip', facts: partly },
  ],
  'permissions.modes': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ modes: { looked: 4, off, lacking: none } }) },
    {
      to: 'fail',
      facts: ofTree({ modes: { looked: 4, off, lacking: off } }),
      says: /models: 700 where it should be 755/,
    },
    { to: 'skip', facts: ofTree({ modes: { looked: 0, off: none, lacking: none } }), says: /says nothing/ },
    { to: 'skip', facts: partly },
    { to: 'skip', base: { me: undefined, platform: 'win32' } },
  ],
  'permissions.owner': [
    { to: 'pass', base: { layout: { owner: '1001:1001' } }, facts: ofTree({ owners: { ...tree.owners, looked: 4 } }) },
    {
      to: 'warn',
      base: { layout: { owner: '1001:1001' } },
      facts: ofTree({ owners: { ...tree.owners, looked: 4, off: bounded([entry]) } }),
    },
    {
      to: 'skip',
      base: { layout: { owner: '1001:1001' } },
      facts: ofTree({ owners: { ...tree.owners, looked: 4, off: bounded([entry]), mine: 1 } }),
      says: /belong to you \(1000\)/,
    },
    { to: 'skip', says: /names no owner/ },
    { to: 'skip', base: { me: undefined } },
  ],
  'permissions.foreign': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: ofTree({ owners: { ...tree.owners, foreign: bounded([entry]) } }),
      says: /1 entry belongs to 0, the folder to 1000/,
    },
    { to: 'skip', base: { me: undefined } },
  ],
  'permissions.world-writable': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ worldWritable: bounded([{ path: 'a', role: 'log' }]) }) },
    { to: 'fail', facts: ofTree({ worldWritable: bounded([{ path: 'a', role: 'config' }]) }) },
    { to: 'skip', facts: partly },
  ],
  'disk.fill': [
    { to: 'pass', facts: ofDisk({ free: 200_000_001 }) },
    { to: 'warn', facts: ofDisk({ free: 200_000_000 }), says: /80 % full/ },
    { to: 'warn', facts: ofDisk({ free: 100_000_001 }) },
    { to: 'fail', facts: ofDisk({ free: 100_000_000 }) },
    { to: 'skip', facts: ofDisk({ capacity: 0, free: 0 }) },
  ],
  'disk.backup-room': [
    { to: 'pass' },
    { to: 'warn', facts: { backups: { ...backups, destination: { ...backups.destination, free: 700_000 } } } },
    {
      to: 'fail',
      facts: { backups: { ...backups, destination: { ...backups.destination, free: 600_000 } } },
      says: /by the last 3 backups/,
    },
    { to: 'skip', facts: { backups: { ...backups, destination: { ...backups.destination, free: undefined } } } },
  ],
  'disk.forecast': [
    { to: 'pass' },
    { to: 'pass', facts: growing(31) },
    { to: 'warn', facts: growing(29) },
    { to: 'fail', facts: growing(6) },
    {
      to: 'skip',
      facts: {
        disk: { disks: [disk], forecast: { mountPoint: '/data', state: 'unknown', reason: '1 day of history.' } },
      },
    },
    { to: 'skip', facts: { disk: { disks: [disk], forecast: undefined } } },
  ],
  'disk.inodes': [
    { to: 'pass' },
    { to: 'warn', facts: ofDisk({ inodes: { total: 100, free: 20 } }) },
    { to: 'fail', facts: ofDisk({ inodes: { total: 100, free: 10 } }) },
    { to: 'skip', facts: { disk: { disks: [], forecast: undefined } } },
  ],
  'disk.read-only': [
    { to: 'pass' },
    { to: 'fail', facts: { areas: [present('', { writable: 'read-only' })] } },
    { to: 'skip', base: { platform: 'win32' } },
    { to: 'skip', facts: { areas: [] } },
  ],
  'disk.network': [
    { to: 'pass', says: /ext4/ },
    { to: 'warn', facts: ofDisk({ network: true, type: 'nfs4' }), says: /nfs4/ },
    { to: 'skip', facts: ofDisk({ type: '' }) },
  ],
  'integrity.models': wholeness('models'),
  'integrity.arrays': wholeness('arrays'),
  'integrity.databases': wholeness('databases'),
  'integrity.empty-files': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ zeroByte: bounded([{ path: 'a.npy', role: 'cache' }]) }) },
    { to: 'fail', facts: ofTree({ zeroByte: bounded([{ path: 'a.h5', role: 'model' }]) }) },
    { to: 'skip', facts: partly },
  ],
  'integrity.partial-downloads': [
    { to: 'pass' },
    { to: 'pass', facts: ofTree({ partial: { left: none, leftBytes: 0, running: 1 } }), says: /under way/ },
    {
      to: 'warn',
      facts: ofTree({
        partial: { left: bounded([{ path: 'a.part', bytes: 5, mtimeMs: 1 }]), leftBytes: 5, running: 0 },
      }),
    },
    { to: 'skip', facts: partly },
  ],
  'integrity.immutable': [
    { to: 'pass', says: /No area/ },
    { to: 'pass', base: { layout: { areas: [area('blobs', { immutable: true })] } }, says: /4 files as first seen/ },
    {
      to: 'warn',
      base: { layout: { areas: [area('blobs', { immutable: true })] } },
      facts: { immutable: { compared: 1, noted: 0, changed: changedFile(5) } },
    },
    {
      to: 'fail',
      base: { layout: { areas: [area('blobs', { immutable: true })] } },
      facts: { immutable: { compared: 1, noted: 0, changed: changedFile(6) } },
    },
    {
      to: 'skip',
      base: { layout: { areas: [area('blobs', { immutable: true })] } },
      facts: { immutable: { compared: 0, noted: 2, changed: none } },
    },
  ],
  'backups.any': [
    { to: 'pass' },
    { to: 'fail', facts: noBackup },
    { to: 'fail', facts: ofBackups(backup({ problem: 'archive is missing' })), says: /None of 1 backup can be used/ },
    { to: 'skip', facts: noBackup, base: { store: { addedAtMs: nowMs - hourMs } } },
    { to: 'skip', facts: { ...noBackup, figures: { ...figures, bytes: 0 } }, says: /empty/ },
  ],
  'backups.age': [
    { to: 'pass' },
    {
      to: 'pass',
      facts: ofBackups(backup({ startedAtMs: nowMs - hourMs / 2, finishedAtMs: nowMs - 8 * dayMs })),
      says: /Nothing has been written/,
    },
    { to: 'warn', facts: ofBackups(backup({ startedAtMs: nowMs - 2 * dayMs, finishedAtMs: nowMs - 2 * dayMs })) },
    { to: 'fail', facts: ofBackups(backup({ startedAtMs: nowMs - 8 * dayMs, finishedAtMs: nowMs - 8 * dayMs })) },
    { to: 'skip', facts: noBackup },
  ],
  'backups.last': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: ofBackups(backup({ status: 'partial', skipped: [{ path: 'a', reason: 'may not be read' }] })),
      says: /a: may not be read/,
    },
    { to: 'fail', facts: { backups: { ...backups, jobs: [job] } } },
    {
      to: 'fail',
      facts: { backups: { ...backups, backups: [], jobs: [{ ...job, status: 'interrupted' }] } },
      says: /Larder ended/,
    },
    { to: 'pass', facts: { backups: { ...backups, jobs: [{ ...job, finishedAtMs: nowMs - 10 * hourMs }] } } },
    { to: 'skip', facts: noBackup },
  ],
  'backups.whole': [
    { to: 'pass' },
    { to: 'warn', facts: ofBackups(backup(), backup({ id: 'b2', problem: 'archive is missing' })) },
    { to: 'fail', facts: ofBackups(backup({ problem: 'archive is missing' }), backup({ id: 'b2' })) },
    { to: 'skip', facts: noBackup },
  ],
  'backups.verified': [
    { to: 'pass' },
    { to: 'warn', facts: { backups: { ...backups, backups: [unverified] } } },
    { to: 'fail', facts: ofBackups(backup({ verified: { mode: 'deep', atMs: nowMs, ok: false } })) },
    { to: 'skip', facts: noBackup },
  ],
  'backups.destination': [
    { to: 'pass' },
    {
      to: 'fail',
      facts: { backups: { ...backups, destination: { ...backups.destination, state: 'missing' } } },
      says: /not there any more/,
    },
    { to: 'fail', facts: { backups: { ...backups, destination: { ...backups.destination, writable: false } } } },
    {
      to: 'fail',
      facts: {
        backups: { ...backups, destination: { ...backups.destination, state: 'unusable', reason: 'is not a folder' } },
      },
    },
    {
      to: 'fail',
      facts: {
        backups: {
          ...backups,
          backups: [],
          destination: { ...backups.destination, state: 'missing', writable: false },
        },
      },
    },
    {
      to: 'skip',
      facts: { backups: { ...backups, backups: [], destination: { ...backups.destination, state: 'missing' } } },
    },
  ],
  'backups.other-disk': [
    { to: 'pass' },
    { to: 'warn', facts: { backups: { ...backups, destination: { ...backups.destination, sameDisk: true } } } },
    { to: 'skip', facts: { backups: { ...backups, destination: { ...backups.destination, sameDisk: undefined } } } },
    {
      to: 'skip',
      facts: { backups: { ...backups, backups: [], destination: { ...backups.destination, sameDisk: true } } },
    },
  ],
  'backups.count': [
    { to: 'pass' },
    { to: 'warn', facts: ofBackups(backup()), says: /1 of 10 to be kept/ },
    { to: 'pass', facts: ofBackups(backup()), base: { layout: { keepLast: 1 } } },
    { to: 'skip', base: { store: { addedAtMs: nowMs - hourMs } } },
    { to: 'skip', facts: noBackup },
  ],
  'backups.dates': [
    { to: 'pass' },
    { to: 'warn', facts: ofBackups(backup({ finishedAtMs: nowMs + dayMs })) },
    { to: 'skip', facts: noBackup },
  ],
  'activity.newest': [
    { to: 'pass', says: /in models/ },
    {
      to: 'warn',
      facts: {
        figures: { ...figures, areas: figures.areas.map((each) => ({ ...each, newestMs: nowMs - 31 * dayMs })) },
      },
    },
    { to: 'skip', facts: { figures: { ...figures, files: 0, newestMs: 0, areas: [] } } },
  ],
  'activity.logs': [
    { to: 'pass' },
    { to: 'warn', facts: ofTree({ logs: { files: 10, lastDay: 0 } }), says: /logs\/a\.log/ },
    { to: 'skip', facts: ofTree({ logs: { files: 0, lastDay: 0 } }) },
    { to: 'skip', base: { layout: { areas: [area('models')] } } },
  ],
  'activity.cache': [
    { to: 'pass', says: /10 items/ },
    { to: 'warn', facts: ofTree({ overdue: [{ path: 'cache', files: 10, overdue: 4, keepMs: dayMs }] }) },
    { to: 'skip', base: { layout: { areas: [area('models')] } } },
    { to: 'skip', facts: partly },
  ],
  'activity.stalled': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: {
        figures: { ...figures, areas: figures.areas.map((each) => ({ ...each, newestMs: nowMs - 15 * dayMs })) },
      },
    },
    { to: 'skip', facts: { figures: { ...figures, areas: [] } } },
    { to: 'skip', base: { layout: { areas: [area('models')] } } },
  ],
  'environment.points': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: leads({ leads: { to: 'store', places: [{ path: 'models/none', exists: false }] } }),
      says: /leads to nothing/,
    },
    {
      to: 'warn',
      facts: leads({ leads: { to: 'store', places: [{ path: 'logs', exists: true }] } }),
      says: /where the layout has models/,
    },
    // A folder of the layout itself that is missing is told of elsewhere.
    { to: 'pass', facts: leads({ leads: { to: 'store', places: [{ path: 'models', exists: false }] } }) },
    { to: 'fail', facts: leads({ leads: { to: 'outside' } }), says: /leads out of the store/ },
    { to: 'skip', facts: { env: [] } },
    { to: 'skip', facts: leads({}) },
  ],
  'environment.missing': [
    { to: 'pass' },
    { to: 'warn', facts: leads({ name: 'OTHER' }), says: /MODEL_PATH is not in config\/persistent\.env/ },
    { to: 'skip', facts: { env: [] } },
    { to: 'skip', base: { layout: { environment: [] } } },
  ],
  'compose.findings': [
    { to: 'pass' },
    { to: 'pass', facts: finding('info') },
    { to: 'warn', facts: finding('warning') },
    { to: 'fail', facts: finding('error'), says: /1 error: Nothing is mounted/ },
    { to: 'skip', facts: { compose: { ...facts.compose, projects: [] } } },
    {
      to: 'skip',
      facts: {
        compose: {
          ...facts.compose,
          projects:
            project === undefined
              ? []
              : [
                  {
                    ...project,
                    cannotTell: [{ file: '/c', line: 1, column: 1, subject: 'x', message: 'Not known.', why: 'Why.' }],
                  },
                ],
        },
      },
    },
  ],
  'larder.live': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: { larder: { ...larder, live: { state: 'partial', reason: 'No more watches.' } } },
      says: /No more watches/,
    },
    { to: 'skip', facts: { larder: { ...larder, live: { state: 'off' } } } },
    { to: 'skip', facts: { larder: { ...larder, live: { state: 'starting' } } } },
  ],
  'larder.database': [
    { to: 'pass' },
    {
      to: 'warn',
      facts: { larder: { ...larder, notices: [{ id: 'n', level: 'warn', message: 'Set aside.', atMs: 1 }] } },
    },
    { to: 'fail', facts: { larder: { ...larder, database: 'row 3 missing' } } },
    { to: 'skip', facts: { larder: { ...larder, database: 'busy' } } },
  ],
  'larder.clock': [
    { to: 'pass' },
    { to: 'warn', facts: { larder: { ...larder, lastReportMs: nowMs + dayMs } }, says: /set back/ },
    {
      to: 'warn',
      facts: ofTree({ future: bounded([{ path: 'a', bytes: 1, mtimeMs: nowMs + 9 * dayMs }]) }),
      says: /in the future/,
    },
    { to: 'fail', base: { nowMs: Date.UTC(1970, 0, 2) } },
    { to: 'skip', facts: { ...partly, larder: { ...larder, lastReportMs: undefined } } },
  ],
  'larder.version': [
    { to: 'pass' },
    { to: 'warn', facts: { larder: { ...larder, newestVersion: '1.10.0' } } },
    { to: 'skip', facts: { larder: { ...larder, version: 'dev' } } },
  ],
  'larder.layout-file': [
    { to: 'pass' },
    { to: 'pass', base: { layout: { file: 'none' } }, says: /none is needed/ },
    {
      to: 'fail',
      base: { layout: { file: 'broken', problems: [{ message: 'It has no role.', line: 3 }] } },
      says: /line 3: It has no role/,
    },
  ],
};

describe.each(allChecks.map((check) => [check.id, check] as const))('%s', (id, check) => {
  const own = cases[id] ?? [];

  it.each(own.map((each, index) => [each.to, index, each] as const))('comes to %s (%i)', (to, _index, each) => {
    const found = check.evaluate(makeBase(each.base), known(each.facts));
    expect(found.map(({ status }) => status)).toContain(to);
    if (each.says !== undefined) expect(found.map(({ evidence }) => evidence).join('\n')).toMatch(each.says);
    for (const { evidence } of found) expect(evidence).toMatch(/^\S.*[.)]$|^\d/);
  });

  it('comes to all the statuses it says it can come to, and to no other', () => {
    const reached = new Set(own.map(({ to }) => to));
    // What it needs cannot be had, for example of a store that is not there.
    if (check.needs.length > 0) {
      const [need] = check.needs;
      const unknown = { ...known(), ...(need === undefined ? {} : { [need]: { unknown: 'The store is not there.' } }) };
      expect(check.evaluate(makeBase(), unknown)).toEqual([{ status: 'skip', evidence: 'The store is not there.' }]);
      reached.add('skip');
    }
    expect(healthStatuses.filter((status) => reached.has(status))).toEqual(check.statuses);
  });
});

it('orders checks by group, with ids that say which', () => {
  const groups = allChecks.map(({ group }) => healthGroups.indexOf(group));
  expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  for (const { id, group } of allChecks) expect(id.startsWith(`${group}.`)).toBe(true);
  expect(new Set(allChecks.map(({ id }) => id)).size).toBe(allChecks.length);
});

it('is explained in docs/health.md, each check in a line of its own, and no other', () => {
  const text = readFileSync(new URL('../../../docs/health.md', import.meta.url), 'utf8');
  const lines = [...text.matchAll(/^\| `([a-z]+\.[a-z-]+)`/gm)].map(([, id]) => id);
  expect(lines).toEqual(allChecks.map(({ id }) => id));
});
