import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeName } from '../fs/index.ts';
import { EntryCursor, entryKinds, header, recordStatus, RecordWriter } from './record.ts';
import type { RecordEntry } from './record.ts';

const name = fc.uint8Array({ minLength: 1, maxLength: 255 }).map((bytes) => decodeName(bytes));
const entry: fc.Arbitrary<RecordEntry> = fc.record({
  kind: fc.constantFrom(...entryKinds),
  name,
  bytes: fc.maxSafeNat(),
  blocks: fc.nat(),
  mtimeMs: fc.integer({ min: -1e15, max: 1e15 }),
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  links: fc.option(fc.integer({ min: 2, max: 65_000 }), { nil: undefined }),
  device: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
  unreadable: fc.option(fc.constantFrom('EACCES', 'EIO'), { nil: undefined }),
});

describe('a directory record', () => {
  it('gives back every entry as it was written', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), name, (entries, directory) => {
        const writer = new RecordWriter(16);
        // A record before it: positions must not be taken for granted.
        writer.begin(place(1, 'x'), recordStatus.read);
        writer.end();
        writer.begin(place(7, directory), recordStatus.unreadable, 'EACCES');
        for (const each of entries) writer.entry(each);
        const { start, end } = writer.end();
        const { buffer } = writer.out;
        expect(header.length(buffer, start)).toBe(end - start);
        expect(header.id(buffer, start)).toBe(7);
        expect(header.status(buffer, start)).toBe(recordStatus.unreadable);
        expect(header.reason(buffer, start)).toBe('EACCES');
        expect(decodeName(header.name(buffer, start))).toBe(directory);
        const cursor = new EntryCursor(buffer, start);
        const back: RecordEntry[] = [];
        while (cursor.next()) {
          const { kind, bytes, blocks, mtimeMs, links, device, unreadable } = cursor;
          const inode = BigInt(cursor.inode);
          back.push({ kind, name: decodeName(cursor.name), bytes, blocks, mtimeMs, inode, links, device, unreadable });
        }
        expect(back).toEqual(entries);
        expect(header.linked(buffer, start)).toBe(entries.filter(({ links }) => links !== undefined).length);
      }),
    );
  });
});

function place(id: number, directory: string): Parameters<RecordWriter['begin']>[0] {
  const bytes = Buffer.alloc(directory.length * 3);
  return { id, parent: -1, name: encode(directory, bytes), allocated: 4096, inode: 5n, changedUs: 1.5e15 };
}

/** Path text to bytes by hand, so that the test does not lean on what it tests. */
function encode(text: string, into: Buffer): Buffer {
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) into[at++] = code - 0xdc00;
    else at += into.write(character, at);
  }
  return into.subarray(0, at);
}
