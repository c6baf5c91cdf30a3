import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Backup, Job, Output, ParsedInput } from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { openBackup, writeBackup } from '../archive/index.ts';
import type { BackupReader, SourceEntry } from '../archive/index.ts';
import type { BackupCatalog } from '../backup/index.ts';
import type { EngineContext } from '../context.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createRestore, restoreMigrations } from './index.ts';
import type { RestoreOptions, RestoreResult } from './index.ts';
import { undoFolder } from './paths.ts';
import { toSeconds } from './times.ts';

/** Real trees for the tests of restore. Nothing here is part of the product. */

export type Node =
  | { content: string | Buffer; mode?: number; mtimeNs?: bigint }
  | { dir: true; mode?: number; mtimeNs?: bigint }
  | { link: string; mtimeNs?: bigint }
  | { hard: string };

export type Tree = Record<string, Node>;

const defaultMtime = 1_700_000_000_123_456_000n;

/** Writes a tree; folders in between are made, and get the default time like everything else. */
export function writeTree(root: string, tree: Tree): void {
  const all = new Map<string, Node>();
  for (const [path, node] of Object.entries(tree)) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join('/');
      if (!all.has(above) && !(above in tree)) all.set(above, { dir: true });
    }
    all.set(path, node);
  }
  const sorted = [...all].sort(([a], [b]) => comparePaths(a, b));
  nodeFs.makeDirectory(root, { recursive: true, mode: 0o755 });
  for (const [path, node] of sorted.filter(([, one]) => !('hard' in one))) {
    const at = join(root, path);
    if ('dir' in node) nodeFs.makeDirectory(at, { recursive: true });
    else if ('link' in node) nodeFs.symlink(node.link, at);
    else if ('content' in node) {
      const fd = nodeFs.open(at, 'w');
      nodeFs.write(fd, Buffer.from(node.content));
      nodeFs.close(fd);
    }
  }
  for (const [path, node] of sorted) if ('hard' in node) nodeFs.link(join(root, node.hard), join(root, path));
  for (const [path, node] of sorted.reverse()) {
    if ('hard' in node) continue;
    const at = join(root, path);
    if (!('link' in node)) nodeFs.chmod(at, node.mode ?? ('dir' in node ? 0o755 : 0o644));
    setTime(at, node.mtimeNs ?? defaultMtime);
  }
  setTime(root, defaultMtime);
}

export function setTime(path: string, mtimeNs: bigint): void {
  nodeFs.lutimes(path, toSeconds(mtimeNs), toSeconds(mtimeNs));
}

export function writeFile(path: string, content: string | Buffer, mtimeNs?: bigint): void {
  const fd = nodeFs.open(path, 'w');
  nodeFs.write(fd, Buffer.from(content));
  nodeFs.close(fd);
  if (mtimeNs !== undefined) setTime(path, mtimeNs);
}

function* walk(root: string, relative = ''): Generator<string> {
  yield relative;
  const names = nodeFs.readDirectory(join(root, relative));
  for (const { name, kind } of names) {
    const path = relative === '' ? name : `${relative}/${name}`;
    if (path === undoFolder) continue;
    if (kind === 'dir') yield* walk(root, path);
    else yield path;
  }
}

/** Everything of a tree that a restore is to bring back, as one text a path: what two trees are compared by. */
export function snapshot(root: string, options: { inodes?: boolean } = {}): Record<string, string> {
  const firstNames = new Map<bigint, string>();
  const shown: Record<string, string> = {};
  for (const path of [...walk(root)].sort(comparePaths)) {
    const at = join(root, path);
    const stat = nodeFs.lstat(at);
    const parts = [`${Number(stat.mode).toString(8)} ${stat.uid}:${stat.gid} ${stat.mtimeNs / 1000n}`];
    if (stat.isSymbolicLink()) parts.push(`-> ${nodeFs.readLink(at)}`);
    else if (stat.isFile()) {
      parts.push(createHash('sha256').update(nodeFs.readFile(at)).digest('hex'));
      if (!firstNames.has(stat.ino)) firstNames.set(stat.ino, path);
      parts.push(`= ${firstNames.get(stat.ino) ?? ''}`);
    }
    if (options.inodes === true) parts.push(`inode ${stat.ino} ctime ${stat.ctimeNs}`);
    shown[path] = parts.join(' ');
  }
  return shown;
}

function sources(root: string): SourceEntry[] {
  return [...walk(root)].sort(comparePaths).flatMap((path): SourceEntry[] => {
    const stat = nodeFs.lstat(join(root, path));
    const type = stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'symlink' : stat.isFile() ? 'file' : undefined;
    if (type === undefined) return [];
    return [
      {
        path,
        type,
        mode: Number(stat.mode) & 0o7777,
        uid: Number(stat.uid),
        gid: Number(stat.gid),
        mtimeNs: stat.mtimeNs,
        ctimeNs: stat.ctimeNs,
        size: Number(stat.size),
        device: stat.dev,
        inode: stat.ino,
        links: Number(stat.nlink),
      },
    ];
  });
}

/** Backs a tree up for real. */
export async function backUp(
  root: string,
  destination: string,
  about: { store: string; id: string; format?: 'zst' | 'gz' | 'tar' },
): Promise<Backup> {
  nodeFs.makeDirectory(destination, { recursive: true });
  const format = about.format ?? 'zst';
  const written = await writeBackup({
    fs: nodeFs,
    pool: createInlinePool(),
    root,
    entries: sources(root),
    destination,
    baseName: about.id,
    format,
    header: {
      id: about.id,
      store: { id: about.store, name: 'store', path: root },
      startedAtMs: 1,
      timeZone: 'UTC',
      host: 'here',
      tool: 'larder test',
      excluded: [],
    },
    now: () => 2,
  });
  return describe(about.id, about.store, written.archive, written.manifest);
}

function describe(id: string, store: string, archive: string, manifest: string): Backup {
  return {
    id,
    store,
    storeName: 'store',
    archive,
    manifest,
    format: 'zst',
    kind: 'full',
    startedAtMs: 1,
    finishedAtMs: 2,
    files: 0,
    dirs: 0,
    bytes: 0,
    storedBytes: 0,
    reusedBytes: 0,
    pinned: false,
    encrypted: false,
    neededBy: 0,
    status: 'done',
    skipped: [],
  };
}

/** A catalog of backups made by {@link backUp}, or of readers made by hand. */
export function catalogOf(backups: Map<string, Backup>, readers = new Map<string, BackupReader>()): BackupCatalog {
  return {
    async resolve(ref) {
      const backup = backups.get(ref);
      if (backup === undefined) throw new Error(`no backup ${ref}`);
      return backup;
    },
    open: async (backup) => readers.get(backup.id) ?? openBackup(nodeFs, backup.manifest),
    lockDestination: () => Promise.reject(new Error('a restore takes no lock of a destination')),
  };
}

export interface Bench {
  readonly context: TestContext;
  /** The store's root, registered. */
  readonly store: string;
  readonly storeId: string;
  readonly backups: Map<string, Backup>;
  readonly readers: Map<string, BackupReader>;
  readonly catalog: BackupCatalog;
  backUp(id?: string, format?: 'zst' | 'gz' | 'tar'): Promise<Backup>;
  /** A hand-made backup, offered under `id`. */
  offer(id: string, reader: BackupReader): void;
  capability(options?: RestoreOptions, context?: EngineContext): ReturnType<typeof createRestore>;
  plan(input?: Partial<ParsedInput<'restore.plan'>>, context?: EngineContext): Promise<Output<'restore.plan'>>;
  /** Plans and applies. */
  restore(input?: Partial<ParsedInput<'restore.plan'>>, options?: RestoreOptions): Promise<Done>;
  undo(id: string): Promise<Job>;
}

export interface Done {
  readonly plan: Output<'restore.plan'>;
  readonly job: Job;
  readonly result: RestoreResult;
}

export const signal = new AbortController().signal;

export function parsed(input: Partial<ParsedInput<'restore.plan'>>): ParsedInput<'restore.plan'> {
  return {
    backup: 'b1',
    paths: [],
    target: { kind: 'inPlace' },
    overwrite: 'if-changed',
    deleteExtra: false,
    ...input,
  };
}

export function setUp(tree: Tree, options: TestContextOptions = {}): Bench {
  const context = createTestContext({ migrations: restoreMigrations, ...options });
  const store = join(context.folder, 'store');
  writeTree(store, tree);
  const destination = join(context.folder, 'backups');
  nodeFs.makeDirectory(destination);
  const storeId = context.stores.add({ path: store, destination }).id;
  const backups = new Map<string, Backup>();
  const readers = new Map<string, BackupReader>();
  const catalog = catalogOf(backups, readers);
  const bench: Bench = {
    context,
    store,
    storeId,
    backups,
    readers,
    catalog,
    async backUp(id = 'b1', format = 'zst') {
      const backup = await backUp(store, destination, { store: storeId, id, format });
      backups.set(id, backup);
      return backup;
    },
    offer(id, reader) {
      backups.set(id, describe(id, storeId, join(destination, 'none.tar.zst'), join(destination, 'none.zst')));
      readers.set(id, reader);
    },
    capability: (restoreOptions, other) => createRestore(other ?? context, catalog, restoreOptions),
    plan: async (input = {}, other) =>
      createRestore(other ?? context, catalog).handlers.plan(parsed(input), { signal }),
    async restore(input = {}, restoreOptions = {}) {
      const { handlers } = createRestore(context, catalog, restoreOptions);
      const plan = await handlers.plan(parsed(input), { signal });
      const { job } = await handlers.apply({ plan: plan.id }, { signal });
      const done = await context.job(job);
      return { plan, job: done, result: done.result as unknown as RestoreResult };
    },
    async undo(id) {
      const { handlers } = createRestore(context, catalog);
      const plan = await handlers.planUndo({ restore: id }, { signal });
      const { job } = await handlers.applyUndo({ plan: plan.id }, { signal });
      return context.job(job);
    },
  };
  return bench;
}

/** The calls of the port that change something on disk. */
export const mutating = [
  'write',
  'truncate',
  'makeDirectory',
  'removeDirectory',
  'rename',
  'unlink',
  'link',
  'symlink',
  'chmod',
  'fchmod',
  'lchown',
  'lutimes',
  'fsync',
  'fsyncDirectory',
] as const;

/** The real file system without waiting for the disk: tests that kill a restore at every step take seconds, not minutes. */
export const hastyFs: FileSystem = { ...nodeFs, fsync() {}, fsyncAsync: async () => {}, fsyncDirectory() {} };

export interface Faulty {
  readonly fs: FileSystem;
  /** Changing calls made so far. */
  calls(): number;
}

/** A file system on which `before` is told of each changing call, opening for writing included, and may throw. */
export function faultyFs(before: (call: number, name: string, path: unknown) => void): Faulty {
  let calls = 0;
  const step = (name: string, path: unknown): void => {
    calls += 1;
    before(calls, name, path);
  };
  const fs: Record<string, unknown> = { ...hastyFs };
  for (const name of mutating) {
    const real = hastyFs[name] as (...args: unknown[]) => unknown;
    fs[name] = (...args: unknown[]) => {
      step(name, args.at(name === 'rename' || name === 'link' ? 1 : 0));
      return real(...args);
    };
  }
  fs['open'] = (path: string, flags: string | number, mode?: number) => {
    if (typeof flags === 'string' && /[wa+]/.test(flags)) step('open', path);
    return nodeFs.open(path, flags, mode);
  };
  return { fs: fs as unknown as FileSystem, calls: () => calls };
}
