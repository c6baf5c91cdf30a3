import { defaultStoreRules } from '../../shared/contract/index.ts';
import type { Backup, Disk, StoreArea } from '../../shared/contract/index.ts';
import { bounded } from './bounded.ts';
import type { AreaState, BackupFacts, Base, Facts, Figures, KnownFacts, LarderFacts } from './facts.ts';
import type { FamilyFacts } from './integrity/index.ts';
import type { TreeFacts } from './tree-facts.ts';

/** Facts of a store in the best of health, for tests to change. */

export const nowMs = Date.UTC(2026, 10, 20, 12);
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function area(path: string, fields: Partial<StoreArea> = {}): StoreArea {
  return {
    id: path === '' ? '.' : path,
    path,
    role: 'model',
    required: true,
    backup: 'always',
    cleanup: 'never',
    source: 'layout',
    exists: true,
    backupRule: { rule: 'always', from: 'layout' },
    ...fields,
  };
}

export interface BaseFields {
  store?: Partial<Base['store']>;
  layout?: Partial<Base['layout']>;
  nowMs?: number;
  platform?: NodeJS.Platform;
  me?: Base['me'];
}

export function makeBase(fields: BaseFields = {}): Base {
  return {
    store: {
      id: 'store-1',
      name: 'project',
      path: '/data/project',
      addedAtMs: nowMs - 100 * dayMs,
      state: 'ok',
      destination: '/backups/project',
      live: { state: 'live' },
      rules: defaultStoreRules,
      ...fields.store,
    },
    layout: {
      store: 'store-1',
      source: 'layout',
      areas: [
        area('models'),
        area('logs', { role: 'log' }),
        area('cache', { role: 'cache', cleanup: { olderThanHours: 24 } }),
      ],
      environment: [{ name: 'MODEL_PATH', path: 'models', value: '/app/data/models' }],
      mounts: [],
      moves: [],
      services: [],
      file: 'ok',
      problems: [],
      ...fields.layout,
    },
    nowMs: fields.nowMs ?? nowMs,
    platform: fields.platform ?? 'linux',
    me: 'me' in fields ? fields.me : { uid: 1000, gids: [1000] },
  };
}

export const present = (path: string, fields: Partial<AreaState> = {}): AreaState => ({
  path,
  state: 'folder',
  missingFolders: [],
  writable: 'yes',
  ...fields,
});

export const figures: Figures = {
  bytes: 1_000_000,
  files: 30,
  newestMs: nowMs - hourMs,
  areas: [
    { path: 'models', role: 'model', guess: false, bytes: 900_000, files: 10, newestMs: nowMs - hourMs },
    { path: 'logs', role: 'log', guess: false, bytes: 50_000, files: 10, newestMs: nowMs - hourMs },
    { path: 'cache', role: 'cache', guess: false, bytes: 50_000, files: 10, newestMs: nowMs - hourMs },
  ],
  atLeast: false,
};

const none = bounded<never>([]);

export const tree: TreeFacts = {
  entries: 40,
  complete: true,
  figures,
  unreadable: none,
  dangling: none,
  leaving: none,
  modes: { looked: 40, off: none, lacking: none },
  owners: { looked: 0, off: none, mine: 0, foreign: none, rootUid: 1000 },
  worldWritable: none,
  zeroByte: none,
  partial: { left: none, leftBytes: 0, running: 0 },
  future: none,
  candidates: none,
  immutable: none,
  overdue: [{ path: 'cache', files: 10, overdue: 0, keepMs: dayMs }],
  newest: { data: undefined, log: { path: 'logs/a.log', bytes: 1, mtimeMs: nowMs - hourMs } },
  logs: { files: 10, lastDay: 2 },
};

export const family: FamilyFacts = { looked: 3, whole: 3, damaged: none, unknown: none };

export const disk: Disk = {
  device: '/dev/sda1',
  mountPoint: '/data',
  type: 'ext4',
  capacity: 1_000_000_000,
  free: 600_000_000,
  network: false,
  stores: ['store-1'],
  backupsShare: [],
  inodes: { total: 1_000, free: 900 },
};

export function backup(fields: Partial<Backup> = {}): Backup {
  return {
    id: 'b1',
    store: 'store-1',
    storeName: 'project',
    archive: '/backups/project/b1.tar.zst',
    manifest: '/backups/project/b1.manifest.zst',
    format: 'zst',
    kind: 'full',
    startedAtMs: nowMs - 2 * hourMs,
    finishedAtMs: nowMs - 2 * hourMs + 60_000,
    files: 30,
    dirs: 3,
    bytes: 1_000_000,
    storedBytes: 500_000,
    reusedBytes: 0,
    pinned: false,
    encrypted: false,
    neededBy: 0,
    status: 'done',
    skipped: [],
    verified: { mode: 'quick', atMs: nowMs - hourMs, ok: true },
    ...fields,
  };
}

export const backups: BackupFacts = {
  backups: Array.from({ length: 10 }, (_, index) =>
    backup({ id: `b${index}`, finishedAtMs: nowMs - 2 * hourMs - index * dayMs }),
  ),
  problems: [],
  jobs: [],
  destination: { state: 'folder', writable: true, free: 10_000_000_000, sameDisk: false },
};

export const larder: LarderFacts = {
  version: '1.2.3',
  newestVersion: '1.2.3',
  live: { state: 'live' },
  database: 'ok',
  notices: [],
  lastReportMs: nowMs - hourMs,
};

export const facts: Facts = {
  areas: [present(''), present('models'), present('logs'), present('cache')],
  figures,
  tree,
  integrity: { families: { models: family, arrays: family, databases: family }, complete: true, unsettled: 0 },
  immutable: { compared: 4, noted: 0, changed: none },
  disk: {
    disks: [disk],
    forecast: { mountPoint: '/data', state: 'steady', reason: '28 days of history.' },
  },
  backups,
  env: [
    {
      path: 'config/persistent.env',
      inStore: true,
      digest: 'd',
      variables: [
        {
          name: 'MODEL_PATH',
          line: 1,
          value: '/app/data/models',
          leads: { to: 'store', places: [{ path: 'models', exists: true }] },
        },
      ],
    },
  ],
  compose: {
    projects: [{ folder: '/data', name: 'app', files: [], services: [], findings: [], cannotTell: [] }],
    counts: { errors: 0, warnings: 0, infos: 0, cannotTell: 0 },
  },
  larder,
};

/** All facts, with some of them others. */
export function known(changed: Partial<Facts> = {}): KnownFacts {
  return Object.fromEntries(Object.entries({ ...facts, ...changed }).map(([name, value]) => [name, { value }]));
}
