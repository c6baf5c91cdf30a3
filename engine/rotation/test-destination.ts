import { createCipheriv, createHash } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultStoreRules } from '../../shared/contract/index.ts';
import type { Backup, Job, Output, RemovalPlan, Retention, Store } from '../../shared/contract/index.ts';
import { decrypting } from '../age/index.ts';
import { decodeFrame, openBackup } from '../archive/index.ts';
import type { BackupReader } from '../archive/index.ts';
import { backupMigrations, createBackups } from '../backup/index.ts';
import type { CallContext } from '../context.ts';
import { nodeFs } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';

/** A store with a destination for the tests of this folder: the real engine over real files. No part of the product. */
export interface TestDestination {
  readonly context: TestContext;
  readonly backups: ReturnType<typeof createBackups>;
  readonly store: Store;
  readonly root: string;
  readonly destination: string;
  put(path: string, content: string | Buffer): void;
  remove(path: string): void;
  /** Makes a backup, which must end well, and returns it. */
  backUp(input?: Record<string, unknown>): Promise<Backup>;
  list(): Promise<Output<'backups.list'>>;
  planned(input: Record<string, unknown>): Promise<RemovalPlan>;
  applied(plan: RemovalPlan): Promise<Job>;
  /** Plans the removal of some backups and applies it. */
  removeBackups(...backups: Backup[]): Promise<Job>;
  /** File names in the destination, Larder's own folder left out. */
  files(): string[];
}

export const call: CallContext = { signal: new AbortController().signal };

const none: Retention = { ...defaultStoreRules.retention, keepLast: 0 };

export function rules(some: Partial<Retention>): Retention {
  return { ...none, ...some };
}

export function createDestination(options: TestContextOptions = {}): TestDestination {
  // Ahead of the files' times, as if they had been left alone for long, and a minute further at each look.
  let now = Date.now() + 3_600_000;
  const clock = options.clock ?? (() => (now += 60_000));
  const context = createTestContext({ migrations: backupMigrations, ...options, clock });
  context.set({ verifyAfterBackup: false });
  const root = join(context.folder, 'persistent_data');
  fs.mkdirSync(root);
  const store = context.stores.add({ path: root });
  const destination = store.destination;
  const backups = createBackups(context);
  const list = async (): Promise<Output<'backups.list'>> => backups.handlers.list({ store: store.id }, call);
  const planned = async (input: Record<string, unknown>): Promise<RemovalPlan> =>
    backups.handlers.planRemoval({ store: store.id, ...input }, call);
  const applied = async ({ plan }: RemovalPlan): Promise<Job> => {
    const { job } = await backups.handlers.remove({ plan }, call);
    return context.job(job);
  };
  let serial = 0;
  return {
    context,
    backups,
    store,
    root,
    destination,
    put(path, content) {
      const at = join(root, path);
      fs.mkdirSync(dirname(at), { recursive: true });
      fs.writeFileSync(at, content);
      // Times of their own, however fast the test runs and however coarse the file system's clock is.
      serial += 1;
      fs.utimesSync(at, 1_700_000_000 + serial, 1_700_000_000 + serial);
    },
    remove: (path) => fs.rmSync(join(root, path), { recursive: true, force: true }),
    async backUp(input = {}) {
      const { job } = await backups.handlers.start({ store: store.id, ...input }, call);
      const { status, error, result } = await context.job(job);
      if (status !== 'done') throw new Error(`The backup ended as ${status}: ${error?.message ?? ''}`);
      return backups.resolve(String(result?.['id']));
    },
    list,
    planned,
    applied,
    async removeBackups(...chosen) {
      return applied(await planned({ backups: chosen.map(({ id }) => id) }));
    },
    files: () =>
      fs
        .readdirSync(destination)
        .filter((name) => name !== '.larder')
        .sort(),
  };
}

/** Everything a tree holds, in words that can be compared. */
export function contentsOnDisk(root: string): Map<string, string> {
  const contents = new Map<string, string>();
  const visit = (path: string): void => {
    const at = join(root, path);
    const stats = fs.lstatSync(at);
    if (stats.isDirectory()) {
      contents.set(path, `dir ${stats.mode & 0o7777}`);
      for (const name of fs.readdirSync(at)) visit(path === '' ? name : `${path}/${name}`);
    } else if (stats.isSymbolicLink()) contents.set(path, `link ${fs.readlinkSync(at)}`);
    else contents.set(path, `file ${stats.mode & 0o7777} ${digest(fs.readFileSync(at))}`);
  };
  visit('');
  return contents;
}

/** The same of a backup, read through its frames as a restore would. */
export function contentsOf(
  { manifest }: Pick<Backup, 'manifest'>,
  reader: BackupReader = openBackup(nodeFs, manifest),
): Map<string, string> {
  const files = decrypting(nodeFs, reader.keys);
  const contents = new Map<string, string>();
  const open = reader.archivePaths.map((path) => files.open(path, 'r'));
  const plain = new Map<number, Uint8Array>();
  const frameOf = (number: number): Uint8Array => {
    const known = plain.get(number);
    if (known !== undefined) return known;
    const frame = reader.frames[number];
    const archive = reader.archives[frame?.archive ?? 0];
    if (frame === undefined || archive === undefined) throw new Error(`There is no frame ${number}.`);
    const bytes = decodeFrame(files, open[frame.archive] ?? -1, frame, archive.format);
    plain.set(number, bytes);
    return bytes;
  };
  try {
    for (const entry of reader.entries()) {
      if (entry.type === 'dir') contents.set(entry.path, `dir ${entry.mode}`);
      else if (entry.type === 'symlink') contents.set(entry.path, `link ${entry.target}`);
      else {
        const parts = entry.pieces.map(({ frame, offset, length }) => frameOf(frame).subarray(offset, offset + length));
        contents.set(entry.path, `file ${entry.mode} ${digest(Buffer.concat(parts))}`);
      }
    }
  } finally {
    for (const fd of open) files.close(fd);
  }
  return contents;
}

function digest(bytes: Uint8Array): string {
  return `${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes that do not shrink, the same for the same seed: an AES counter stream. */
export function noise(length: number, seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}
