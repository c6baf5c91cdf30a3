import { createHash } from 'node:crypto';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { Pool } from '../pool/index.ts';
import type { FileKeys } from './decrypting-fs.ts';
import type { AgeKeys } from './keys.ts';
import { unlockTask } from './tasks.ts';
import type { UnlockOutput } from './tasks.ts';

interface Remembered {
  /** What the file looked like, and for a failure, which keys were tried. */
  readonly of: string;
  readonly output: UnlockOutput;
}

/**
 * Finds file keys, and remembers them while Larder runs: in memory only. So a passphrase, which takes half a second a
 * file, is worked out once, and a listing does not try keys again that did not fit.
 */
export class KeyRing {
  private readonly fs: FileSystem;
  private readonly pool: Pool;
  private readonly remembered = new Map<string, Remembered>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(fs: FileSystem, pool: Pool) {
    this.fs = fs;
    this.pool = pool;
  }

  /** Takes note of a file that was just written, which needs no key to be opened while Larder runs. */
  remember(path: string, fileKey: Uint8Array): void {
    this.remembered.set(path, { of: this.looksOf(path), output: { fileKey } });
  }

  /** What there is of each age file at these absolute paths: its key, or why there is none. Throws `CANCELLED` only. */
  async unlock(paths: readonly string[], keys: AgeKeys, signal?: AbortSignal): Promise<FileKeys> {
    const outputs = await Promise.all(
      [...new Set(paths)].map(async (path) => [path, await this.unlockOne(path, keys, signal)] as const),
    );
    return Object.fromEntries(
      outputs.map(([path, output]) => [path, 'fileKey' in output ? output.fileKey : output.error]),
    );
  }

  private async unlockOne(path: string, keys: AgeKeys, signal: AbortSignal | undefined): Promise<UnlockOutput> {
    let looks: string;
    try {
      looks = this.looksOf(path);
    } catch (error) {
      return { error: toLarderError(error, path).toData() };
    }
    const failure = `${looks} ${digestOf(keys)}`;
    const known = (): UnlockOutput | undefined => {
      const before = this.remembered.get(path);
      return before?.of === looks || before?.of === failure ? before.output : undefined;
    };
    const find = async (): Promise<UnlockOutput> => {
      const output = known() ?? (await this.pool.run(unlockTask, { path, keys }, { signal }));
      const lasting = 'fileKey' in output || output.error.details?.['fix'] === 'unlock';
      if (lasting) this.remembered.set(path, { of: 'fileKey' in output ? looks : failure, output });
      return output;
    };
    return known() ?? this.inTurn(keys, find);
  }

  /** One after another where a passphrase may be worked out: that takes 256 MiB each time. */
  private inTurn<T>(keys: AgeKeys, act: () => Promise<T>): Promise<T> {
    if (keys.passphrases.length === 0) return act();
    const turn = this.last.then(act);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private looksOf(path: string): string {
    const { dev, ino, size, mtimeNs } = this.fs.stat(path);
    return `${dev}:${ino}:${size}:${mtimeNs}`;
  }
}

function digestOf({ passphrases, identities }: AgeKeys): string {
  const parts = [
    ...passphrases.map((text) => `p${text}`),
    ...identities.map((key) => `i${Buffer.from(key).toString('hex')}`),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
