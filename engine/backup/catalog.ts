import { dirname, isAbsolute, join } from 'node:path';
import { LarderError, isLarderError } from '../../shared/contract/index.ts';
import type { Backup, Output, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import type { BackupReader } from '../archive/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { withSpare } from '../rotation/index.ts';
import { readDestination } from './destination.ts';
import type { DestinationProblem, FoundBackup } from './destination.ts';
import { BackupKeys } from './keys.ts';
import { clearLeftovers } from './leftovers.ts';
import { acquireLock, clearLockRemnants } from './lock.ts';
import { thisMachine } from './lock-file.ts';
import type { Machine } from './lock-file.ts';
import { lookAtMarks, withMark } from './marks.ts';
import { isEncrypted } from './names.ts';
import { resolveReference } from './reference.ts';
import { verificationKey } from './records.ts';
import type { BackupRecords } from './records.ts';
import type { BackupCatalog, DestinationLock, LockOptions } from './types.ts';
import { joined, nothingVerified, shownOf } from './verified.ts';
import type { Verified } from './verified.ts';
import { clearVerified, lookAtVerified } from './verified-files.ts';

type Listing = Output<'backups.list'>;

/** Which backups there are, read from the destinations; nothing but what they say is relied upon. */
export class Catalog implements BackupCatalog {
  readonly #context: EngineContext;
  readonly #records: BackupRecords;
  readonly #machine: Machine;
  readonly keys: BackupKeys;

  constructor(context: EngineContext, records: BackupRecords, machine: Machine = thisMachine) {
    this.#context = context;
    this.#records = records;
    this.#machine = machine;
    this.keys = new BackupKeys(context);
  }

  /** Backups newest first, of one store or all, in all their destinations or one. */
  async list(scope: { store?: string | undefined; destination?: string | undefined }): Promise<Listing> {
    const store = scope.store === undefined ? undefined : this.#context.stores.get(scope.store);
    const directories = this.#directories(store, scope.destination);
    const contents = await Promise.all(
      directories.map((directory) => readDestination(this.#context, this.#records, this.keys, directory)),
    );
    const marks = new Map(directories.map((directory) => [directory, lookAtMarks(this.#context.fs, directory)]));
    const beside = new Map(directories.map((directory) => [directory, lookAtVerified(this.#context.fs, directory)]));
    const remembered = this.#records.allVerified();
    const stores = this.#context.stores.list();
    const backups = contents
      .flatMap((content) => content.backups)
      .map((found): Backup => {
        const owner = ownerOf(found, stores);
        const backup = withMark(
          describe(found, owner),
          marks.get(dirname(found.manifest))?.marks.get(found.summary.id),
        );
        return withVerified(backup, [
          remembered.get(verificationKey(backup)),
          beside.get(dirname(found.manifest))?.of(backup),
        ]);
      })
      // In a store's own destination lie also backups made on another machine, or before the store was added again.
      .filter((backup) => store === undefined || backup.store === store.id || backup.store === undefined)
      .sort((a, b) => b.finishedAtMs - a.finishedAtMs || b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1));
    const problems: DestinationProblem[] = [...contents, ...marks.values(), ...beside.values()].flatMap(
      (content) => content.problems,
    );
    const shown = new Set(backups.map(({ id }) => id));
    const held = contents
      .flatMap((content) => content.held)
      .filter(({ neededBy }) => neededBy.length === 0 || neededBy.some((id) => shown.has(id)))
      .map((archive) => ({ ...archive, neededBy: [...archive.neededBy] }));
    return { backups, problems, held };
  }

  async resolve(ref: string, destination?: string): Promise<Backup> {
    const scope = this.#destinationOfPath(ref) ?? destination;
    if (!ref.startsWith('latest:')) return resolveReference(ref, await this.list({ destination: scope }));
    const name = ref.slice('latest:'.length);
    try {
      const store = this.#context.stores.get(name);
      return resolveReference('latest', await this.list({ store: store.id, destination: scope }), store.name);
    } catch (error) {
      if (!isLarderError(error, 'NOT_FOUND')) throw error;
      // A store that is not registered here may still have backups here, under its name at the time.
      const listing = await this.list({ destination: scope });
      const named = listing.backups.filter((backup) => backup.storeName === name);
      if (named.length === 0) throw error;
      return resolveReference('latest', { ...listing, backups: named }, name);
    }
  }

  async open(backup: Pick<Backup, 'manifest'>): Promise<BackupReader> {
    return this.keys.open(backup.manifest);
  }

  async lockDestination(directory: string, options: LockOptions): Promise<DestinationLock> {
    const { fs } = this.#context;
    const real = this.#realPath(directory);
    const take = (): DestinationLock => acquireLock(fs, real, options.purpose, this.#machine);
    const lock = options.makesRoom === true ? withSpare(fs, real, take) : take();
    try {
      clearLockRemnants(fs, real);
      const removed = clearLeftovers(fs, real);
      if (removed.length > 0) {
        this.#context.log.info({ directory: real, removed }, 'Cleared what an interrupted backup left.');
      }
      return {
        directory: lock.directory,
        assertHeld: () => lock.assertHeld(),
        release: () => {
          this.#forgetRemoved(real);
          lock.release();
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Whoever removed backups of a folder has it no longer say how they were verified. */
  #forgetRemoved(directory: string): void {
    try {
      clearVerified(this.#context.fs, directory);
    } catch (error) {
      // Whoever holds the folder next clears it; until then it says something of no backup.
      this.#context.log.warn({ directory, error }, 'What was noted of removed backups could not be cleared.');
    }
  }

  /** Every folder known to hold a store's backups, present or not. */
  destinationsOf(store: Store): string[] {
    return [store.destination, ...this.#records.destinations(store.id)];
  }

  #directories(store: Store | undefined, destination: string | undefined): string[] {
    if (destination !== undefined) return [this.#realPath(destination)];
    const stores = store === undefined ? this.#context.stores.list() : [store];
    const real = stores.flatMap((each) => this.destinationsOf(each)).map((path) => this.#realPathOrSame(path));
    return [...new Set(real)];
  }

  /** The folder of a backup named by its path: only that one is looked into. */
  #destinationOfPath(ref: string): string | undefined {
    return isAbsolute(ref) ? join(ref, '..') : undefined;
  }

  #realPath(directory: string): string {
    if (!isAbsolute(directory)) {
      throw new LarderError('INVALID_INPUT', `${displayName(directory)} is not an absolute path.`);
    }
    try {
      const real = this.#context.fs.realPath(directory);
      if (this.#context.fs.stat(real).isDirectory()) return real;
    } catch (error) {
      throw toLarderError(error, directory);
    }
    throw new LarderError('INVALID_INPUT', `${displayName(directory)} is not a folder.`, {
      hint: 'Name the folder the backups lie in.',
    });
  }

  #realPathOrSame(path: string): string {
    try {
      return this.#context.fs.realPath(path);
    } catch (error) {
      // Not made yet, or not to be reached; reading it says which.
      if (isSystemError(error)) return path;
      throw error;
    }
  }
}

/** The registered store a backup was made from: the one of that id, else the one at that path. */
function ownerOf({ summary }: FoundBackup, stores: readonly Store[]): Store | undefined {
  return (
    stores.find((store) => store.id === summary.store.id) ?? stores.find((store) => store.path === summary.store.path)
  );
}

function withVerified(backup: Backup, known: readonly (Verified | undefined)[]): Backup {
  const all = known.filter((each) => each !== undefined).reduce(joined, nothingVerified);
  const verified = shownOf(all);
  const sampled = all.sample?.covered;
  return { ...backup, ...(verified === undefined ? {} : { verified }), ...(sampled === undefined ? {} : { sampled }) };
}

function describe(found: FoundBackup, owner: Store | undefined): Backup {
  const { summary } = found;
  return {
    id: summary.id,
    ...(owner === undefined ? {} : { store: owner.id }),
    storeName: summary.store.name,
    archive: found.archive,
    manifest: found.manifest,
    format: summary.format,
    kind: summary.kind,
    startedAtMs: summary.startedAtMs,
    finishedAtMs: summary.finishedAtMs,
    files: summary.files,
    dirs: summary.dirs,
    bytes: summary.bytes,
    storedBytes: found.storedBytes,
    reusedBytes: summary.reusedBytes,
    pinned: false,
    encrypted: isEncrypted(found.archive),
    neededBy: found.neededBy,
    status: summary.skipped.length > 0 ? 'partial' : 'done',
    skipped: [...summary.skipped],
    ...(summary.note === undefined ? {} : { note: summary.note }),
    ...(found.problem === undefined ? {} : { problem: found.problem }),
  };
}
