import { dirname, join } from 'node:path';
import type { Encryption, ErrorData } from '../../shared/contract/index.ts';
import { KeyRing, keyed } from '../age/index.ts';
import type { FileKeys } from '../age/index.ts';
import { openBackup, toldKeys } from '../archive/index.ts';
import type { BackupReader } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { archiveStem, hasManifest, isEncrypted, manifestStem } from './names.ts';

/** The keys of encrypted files here, by all the secrets there are. */
export class BackupKeys {
  readonly #context: EngineContext;
  readonly #ring: KeyRing;

  constructor(context: EngineContext) {
    this.#context = context;
    this.#ring = new KeyRing(context.fs, context.pool);
  }

  /**
   * For those of the files that are encrypted, their keys, or why there is none; undefined when none of them is. Throws
   * `CANCELLED` only.
   */
  async of(paths: readonly string[], signal?: AbortSignal): Promise<FileKeys | undefined> {
    const encrypted = paths.filter(isEncrypted);
    const [first] = encrypted;
    if (first === undefined) return undefined;
    const { keys, problems } = await this.#context.secrets.all(dirname(first));
    const found = await this.#ring.unlock(encrypted, keys, signal);
    const [problem] = problems;
    if (problem === undefined) return found;
    return Object.fromEntries(
      Object.entries(found).map(([path, key]) => [path, isLocked(key) ? { ...key, hint: problem } : key]),
    );
  }

  /** Keys of the manifests in a destination, and of the archives there that lost theirs. Throws as listing it does. */
  async inFolder(directory: string, signal?: AbortSignal): Promise<FileKeys | undefined> {
    let all: string[];
    try {
      all = this.#context.fs.readDirectory(directory).map(({ name }) => name);
    } catch (error) {
      throw toLarderError(error, directory);
    }
    const names = new Set(all);
    const isWanted = (name: string): boolean => {
      const stem = archiveStem(name);
      return manifestStem(name) !== undefined || (stem !== undefined && !hasManifest(stem, names));
    };
    return this.of(
      all.filter(isWanted).map((name) => join(directory, name)),
      signal,
    );
  }

  /** Opens a backup with what it takes to read all of it. Throws as `openBackup` does, `PERMISSION` when locked. */
  async open(manifest: string, signal?: AbortSignal): Promise<BackupReader> {
    const keys = await this.of([manifest], signal);
    const reader = openBackup(keyed(this.#context, keys).fs, manifest);
    const told = toldKeys(reader);
    const others = reader.archivePaths.filter((path) => !(path in told));
    const all = { ...keys, ...told, ...(await this.of(others, signal)) };
    return Object.keys(all).length === 0 ? reader : { ...reader, keys: all };
  }

  /** Whether these rules alone open it, whatever else could. Throws as reading their files does. */
  async opensBy(manifest: string, encryption: Encryption, signal?: AbortSignal): Promise<boolean> {
    const { fs, pool, secrets } = this.#context;
    const found = await new KeyRing(fs, pool).unlock([manifest], await secrets.keysOf(encryption), signal);
    const key = found[manifest];
    if (!(key instanceof Uint8Array)) return false;
    this.#ring.remember(manifest, key);
    return true;
  }

  /** Files just written can be read while Larder runs, whether or not there is a key for them here. */
  remember(keys: Readonly<Record<string, Uint8Array>>): void {
    for (const [path, key] of Object.entries(keys)) this.#ring.remember(path, key);
  }
}

function isLocked(key: Uint8Array | ErrorData): key is ErrorData {
  return !(key instanceof Uint8Array) && key.details?.['fix'] === 'unlock';
}
