import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceEntry } from '../archive/index.ts';
import { decodeName } from '../fs/index.ts';
import { decodeEntries, EntryEncoder } from './entry-codec.ts';

const device = 2049n;
const nameBytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => decodeName(bytes));
const entry = fc.record({
  path: fc.array(nameBytes, { maxLength: 4 }).map((parts) => parts.join('/')),
  type: fc.constantFrom('file', 'dir', 'symlink'),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.nat({ max: 0xffff_ffff }),
  gid: fc.nat({ max: 0xffff_ffff }),
  mtimeNs: fc.bigInt({ min: -(2n ** 95n), max: 2n ** 95n - 1n }),
  ctimeNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  links: fc.nat({ max: 0xffff_ffff }),
});

test('entries survive, in any number of batches, and can be gone through twice', () => {
  fc.assert(
    fc.property(fc.array(fc.array(entry, { maxLength: 20 }), { maxLength: 4 }), (groups) => {
      const encoder = new EntryEncoder(device);
      const batches = groups.map((group) => {
        for (const each of group) encoder.add(each);
        return structuredClone(encoder.take());
      });
      const expected: SourceEntry[] = groups.flat().map((each) => ({ ...each, device }));
      const decoded = decodeEntries(batches);
      expect([...decoded]).toEqual(expected);
      expect([...decoded]).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('a long path does not overrun', () => {
  const encoder = new EntryEncoder(device);
  const base = {
    type: 'file',
    mode: 0,
    uid: 0,
    gid: 0,
    mtimeNs: 0n,
    ctimeNs: 0n,
    size: 0,
    inode: 1n,
    links: 1,
  } as const;
  const paths = Array.from({ length: 200 }, (_, index) => `${String(index).padStart(4, '0')}${'x'.repeat(30_000)}`);
  for (const path of paths) encoder.add({ ...base, path });
  expect(encoder.count).toBe(200);
  expect(Array.from(decodeEntries([encoder.take()]), ({ path }) => path)).toEqual(paths);
  expect(encoder.count).toBe(0);
});
