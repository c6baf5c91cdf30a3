import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/**
 * What Larder keeps of one secret: a file of its own in `secrets/` of its home, 0600 in a folder 0700. Of a `keychain`
 * record `value` is what the keychain sealed, in base64; of a `file` record it is the secret itself; of a `named` record
 * the path of the file that holds it.
 */
const recordSchema = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['passphrase', 'identity']),
  keptIn: z.enum(['keychain', 'file', 'named']),
  store: z.string().optional(),
  label: z.string(),
  keptAtMs: z.number(),
  value: z.string(),
});
export type SecretRecord = z.infer<typeof recordSchema> & { readonly id: string };

const suffix = '.json';

/** The files of kept secrets. Every method throws a `LarderError` that names the file. */
export class SecretRecords {
  readonly folder: string;
  readonly #fs: FileSystem;

  constructor(fs: FileSystem, home: string) {
    this.#fs = fs;
    this.folder = join(home, 'secrets');
  }

  /** All of them, newest first, and what keeps others from being read. */
  list(): { records: SecretRecord[]; problems: string[] } {
    let ids: string[];
    try {
      const names = this.#fs.readDirectory(this.folder).map(({ name }) => name);
      ids = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return { records: [], problems: [] };
      return { records: [], problems: [toLarderError(error, this.folder).message] };
    }
    const records: SecretRecord[] = [];
    const problems: string[] = [];
    for (const id of ids) {
      try {
        records.push(this.get(id));
      } catch (error) {
        problems.push(toLarderError(error).message);
      }
    }
    return { records: records.sort((a, b) => b.keptAtMs - a.keptAtMs || (a.id < b.id ? -1 : 1)), problems };
  }

  /** Throws `NOT_FOUND`, or `CORRUPT` for a file that is not as Larder wrote it. */
  get(id: string): SecretRecord {
    const path = this.#path(id);
    let text: string;
    try {
      const fd = this.#fs.open(path, 'r');
      try {
        const bytes = Buffer.alloc(Number(this.#fs.fstat(fd).size));
        text = bytes.subarray(0, this.#fs.read(fd, bytes, 0, bytes.length, 0)).toString('utf8');
      } finally {
        this.#fs.close(fd);
      }
    } catch (error) {
      throw toLarderError(error, path);
    }
    const record = recordSchema.safeParse(parseJson(text));
    if (record.success) return { ...record.data, id };
    throw new LarderError('CORRUPT', `${displayName(path)} is damaged: the secret it kept cannot be read.`, {
      hint: 'Enter the passphrase, or name the identity file, again.',
      details: { path },
    });
  }

  add(record: Omit<SecretRecord, 'id' | 'version'>): SecretRecord {
    const id = randomUUID();
    const path = this.#path(id);
    try {
      this.#fs.makeDirectory(this.folder, { recursive: true, mode: 0o700 });
      writeFileDurable(this.#fs, path, Buffer.from(`${JSON.stringify({ version: 1, ...record })}\n`), 0o600);
    } catch (error) {
      throw toLarderError(error, path);
    }
    return { version: 1, ...record, id };
  }

  remove(id: string): void {
    const path = this.#path(id);
    try {
      this.#fs.unlink(path);
      this.#fs.fsyncDirectory(this.folder);
    } catch (error) {
      throw toLarderError(error, path);
    }
  }

  #path(id: string): string {
    // An id comes from a request: it must not lead anywhere else.
    if (/^[\w-]+$/.test(id)) return join(this.folder, id + suffix);
    throw new LarderError('NOT_FOUND', 'Larder keeps no such secret.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
