import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { decodeHolder, describeHolder, encodeHolder, heartbeatEveryMs, isStale, newHolder } from './lock-file.ts';
import type { Holder, Machine } from './lock-file.ts';
import { larderFolder } from './selection.ts';
import type { DestinationLock } from './types.ts';

/**
 * The lock of a destination: `.larder/lock`, made whole in one step by a hard link from a temporary file.
 *
 * Taking over a stale lock with token T needs the claim `.larder/lock.taken-T`, which only one taker can make; it then
 * looks again that the lock is still T's and renames its own file over it. A taker that died holding a claim is
 * overtaken in the same way, by a claim on its own token. So of any number of takers one wins, and at no moment is
 * there no lock. Claims and temporary files that remain are removed by the next holder.
 */

const attempts = 8;
const claimPrefix = 'lock.taken-';

interface Found {
  readonly token: string;
  readonly holder: Holder | undefined;
  readonly ageMs: number;
}

/** Takes the lock, or throws `BUSY` naming the holder. `directory` is a real path and exists. */
export function acquireLock(fs: FileSystem, directory: string, purpose: string, machine: Machine): DestinationLock {
  const folder = join(directory, larderFolder);
  const holder = newHolder(machine, purpose);
  const taking = new Taking(fs, directory, folder, holder, machine);
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (taking.tryOnce()) return new HeldLock(fs, directory, folder, holder, machine);
    }
  } catch (error) {
    throw toLarderError(error, directory);
  } finally {
    taking.cleanUp();
  }
  throw busy(directory, undefined);
}

class Taking {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #folder: string;
  readonly #holder: Holder;
  readonly #machine: Machine;
  readonly #lock: string;
  readonly #temporary: string;

  constructor(fs: FileSystem, directory: string, folder: string, holder: Holder, machine: Machine) {
    this.#fs = fs;
    this.#directory = directory;
    this.#folder = folder;
    this.#holder = holder;
    this.#machine = machine;
    this.#lock = join(folder, 'lock');
    this.#temporary = join(folder, `lock.new-${holder.token}`);
  }

  /** True when the lock is ours; false when the ground moved and it is worth another try. */
  tryOnce(): boolean {
    try {
      this.#fs.makeDirectory(this.#folder, { mode: 0o700 });
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    }
    try {
      this.#writeTemporary();
      if (this.#create(this.#lock)) return true;
      const found = this.#read(this.#lock);
      if (found === undefined) return false;
      if (!isStale(found.holder, found.ageMs, this.#machine)) throw busy(this.#directory, found.holder);
      return this.#takeOver(found.token);
    } catch (error) {
      // The folder or the temporary file was cleared away by another holder: look again.
      if (isSystemError(error, 'ENOENT')) return false;
      throw error;
    }
  }

  cleanUp(): void {
    this.#remove(this.#temporary);
  }

  #takeOver(stale: string): boolean {
    const claims: string[] = [];
    for (let target = stale; ;) {
      const claim = join(this.#folder, claimPrefix + target);
      claims.push(claim);
      if (this.#create(claim)) break;
      const claimant = this.#read(claim);
      if (claimant === undefined) return false;
      if (claims.length > attempts || !isStale(claimant.holder, claimant.ageMs, this.#machine, false)) {
        throw busy(this.#directory, claimant.holder);
      }
      target = claimant.token;
    }
    if (this.#read(this.#lock)?.token !== stale) {
      this.#remove(claims.at(-1) ?? '');
      return false;
    }
    this.#fs.rename(this.#temporary, this.#lock);
    for (const claim of claims) this.#remove(claim);
    return true;
  }

  #writeTemporary(): void {
    const fd = this.#fs.open(this.#temporary, 'w', 0o600);
    try {
      this.#fs.write(fd, encodeHolder(this.#holder));
    } finally {
      this.#fs.close(fd);
    }
  }

  /** Makes `path` with the holder's content unless it is there. */
  #create(path: string): boolean {
    try {
      this.#fs.link(this.#temporary, path);
      return true;
    } catch (error) {
      if (isSystemError(error, 'EEXIST')) return false;
      if (!isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EMLINK')) throw error;
    }
    // A file system without hard links (exFAT, some network shares): made empty, then filled. One who looks in between
    // finds no holder and goes by the age, so takes it as held.
    let fd: number;
    try {
      fd = this.#fs.open(path, 'wx', 0o600);
    } catch (error) {
      if (isSystemError(error, 'EEXIST')) return false;
      throw error;
    }
    try {
      this.#fs.write(fd, encodeHolder(this.#holder));
    } finally {
      this.#fs.close(fd);
    }
    return true;
  }

  #read(path: string): Found | undefined {
    try {
      const stats = this.#fs.lstat(path);
      const holder = decodeHolder(this.#fs.readFile(path));
      // Both times are the file system's own, so the clocks of two machines are not compared.
      const now = this.#fs.lstat(this.#temporary).mtimeNs;
      return {
        token: holder?.token ?? `unknown-${stats.ino}-${stats.mtimeNs}`,
        holder,
        ageMs: Number((now - stats.mtimeNs) / 1_000_000n),
      };
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #remove(path: string): void {
    try {
      this.#fs.unlink(path);
    } catch (error) {
      // Gone already, or the disk refuses; a remnant is removed by the next holder either way.
      if (!isSystemError(error)) throw error;
    }
  }
}

class HeldLock implements DestinationLock {
  readonly directory: string;
  readonly #fs: FileSystem;
  readonly #lock: string;
  readonly #machine: Machine;
  readonly #timer: NodeJS.Timeout;
  /** Heartbeats go to our own file, never to one that took its place under the same name. */
  readonly #fd: number;
  #holder: Holder;
  #released = false;

  constructor(fs: FileSystem, directory: string, folder: string, holder: Holder, machine: Machine) {
    this.directory = directory;
    this.#fs = fs;
    this.#lock = join(folder, 'lock');
    this.#machine = machine;
    this.#holder = holder;
    this.#fd = fs.open(this.#lock, 'r+');
    this.#timer = setInterval(() => this.#beat(), heartbeatEveryMs);
    this.#timer.unref();
  }

  assertHeld(): void {
    if (!this.#released && this.#isOurs()) return;
    throw new LarderError('BUSY', `${displayName(this.directory)} was taken over by another Larder.`, {
      hint: 'This happens when this machine slept or stood still for minutes. Try again.',
    });
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    clearInterval(this.#timer);
    try {
      this.#fs.close(this.#fd);
      if (this.#isOurs()) this.#fs.unlink(this.#lock);
    } catch (error) {
      // The disk went away or refuses. The lock then reads as stale as soon as this process has ended.
      if (!isSystemError(error)) throw error;
    }
  }

  #isOurs(): boolean {
    try {
      return decodeHolder(this.#fs.readFile(this.#lock))?.token === this.#holder.token;
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
  }

  #beat(): void {
    this.#holder = {
      ...this.#holder,
      heartbeatMs: this.#machine.nowMs(),
      heartbeatMonotonicMs: this.#machine.monotonicMs(),
    };
    try {
      this.#fs.write(this.#fd, encodeHolder(this.#holder), 0);
    } catch (error) {
      // What keeps the heartbeat from being written keeps the backup from being written, which says so.
      if (!isSystemError(error)) throw error;
    }
  }
}

function busy(directory: string, holder: Holder | undefined): LarderError {
  const who = holder === undefined ? '' : ` (${describeHolder(holder)})`;
  return new LarderError('BUSY', `${displayName(directory)} is in use by another Larder${who}.`, {
    hint: 'Wait until it is done, or choose another destination.',
    details: {
      path: directory,
      ...(holder === undefined ? {} : { host: holder.host, pid: holder.pid, startedAtMs: holder.startedAtMs }),
    },
  });
}

/** Removes what earlier takers left beside the lock. Only for the holder of the lock `token` belongs to. */
export function clearLockRemnants(fs: FileSystem, directory: string): void {
  const folder = join(directory, larderFolder);
  const own = decodeHolder(fs.readFile(join(folder, 'lock')))?.token ?? '';
  for (const { name } of fs.readDirectory(folder)) {
    // A claim on the present lock is not a remnant: it stands while its maker decides.
    if (!name.startsWith('lock.') || name === claimPrefix + own) continue;
    try {
      fs.unlink(join(folder, name));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, join(folder, name));
    }
  }
}
