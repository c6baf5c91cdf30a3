import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import type { Pool } from '../pool/index.ts';
import { decrypting } from './decrypting-fs.ts';
import { KeyRing } from './key-ring.ts';
import { startTask } from './tasks.ts';
import {
  byIdentity,
  encrypted,
  fileOf,
  forIdentity,
  makeFolder,
  otherIdentity,
  pattern,
  removeFolder,
} from './test-files.ts';
import { AgeWriter } from './writer.ts';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

/** A pool that counts what it runs. */
function counting(): Pool & { runs: number } {
  const pool = createInlinePool();
  const counted: Pool & { runs: number } = {
    ...pool,
    runs: 0,
    run(task, input, options) {
      counted.runs += 1;
      return pool.run(task, input, options);
    },
  };
  return counted;
}

const others = { passphrases: [], identities: [otherIdentity] };

describe('a key ring', () => {
  it('finds each file key once, and tries keys that do not fit once', async () => {
    const pool = counting();
    const ring = new KeyRing(nodeFs, pool);
    const path = fileOf(folder, encrypted(pattern(10)));
    for (let time = 0; time < 2; time++) {
      const keys = await ring.unlock([path, path], others);
      expect(keys).toMatchObject({ [path]: { code: 'PERMISSION', details: { fix: 'unlock' } } });
      expect(() => decrypting(nodeFs, keys).open(path, 'r')).toThrow(expect.objectContaining({ code: 'PERMISSION' }));
      expect(pool.runs).toBe(1);
    }
    for (let time = 0; time < 2; time++) {
      const keys = await ring.unlock([path], byIdentity);
      expect(decrypting(nodeFs, keys).stat(path).size).toBe(10n);
      expect(pool.runs).toBe(2);
    }
    // Another file of the same name.
    fileOf(folder, encrypted(pattern(11)));
    const keys = await ring.unlock([path], byIdentity);
    expect(decrypting(nodeFs, keys).stat(path).size).toBe(11n);
    expect(pool.runs).toBe(3);
  });

  it('gives the reason of each file that cannot be opened', async () => {
    const foreign = fileOf(folder, Buffer.from('no'), 'foreign.age');
    const gone = `${folder}/gone.age`;
    const keys = await new KeyRing(nodeFs, createInlinePool()).unlock([foreign, gone], byIdentity);
    expect(keys).toMatchObject({ [foreign]: { code: 'CORRUPT' }, [gone]: { code: 'NOT_FOUND' } });
    expect(() => decrypting(nodeFs, keys).open(gone, 'r')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it('opens what was just written without any key', async () => {
    const pool = createInlinePool();
    const start = await pool.run(startTask, forIdentity);
    const parts: Buffer[] = [];
    const writer = new AgeWriter(start, (bytes) => parts.push(Buffer.from(bytes)));
    writer.append(pattern(123));
    writer.finish();
    const path = fileOf(folder, Buffer.concat(parts), 'new.age');
    const ring = new KeyRing(nodeFs, pool);
    ring.remember(path, start.fileKey);
    const keys = await ring.unlock([path], { passphrases: [], identities: [] });
    expect(decrypting(nodeFs, keys).stat(path).size).toBe(123n);
  });
});
