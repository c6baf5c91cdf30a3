import { DatabaseSync } from 'node:sqlite';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../../fs/index.ts';
import { temporaryFolder } from '../../testing/index.ts';
import type { FileFormat } from '../file-names.ts';
import { formatOf, isNeverEmpty, isPartialDownload } from '../file-names.ts';
import { bytesOf } from './bytes.ts';
import { lookIntoFiles } from './index.ts';
import { lookAt } from './look.ts';

const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};
const u64 = (value: number): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
};
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);

function safetensors(header: unknown, data: number): Buffer {
  return Buffer.concat([text(JSON.stringify(header)), Buffer.alloc(data, 7)]);
}
const tensors = {
  __metadata__: { format: 'pt' },
  b: { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
  a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
};

/** A GGUF with a string, an array of strings, an alignment of 64, and one Q8_0 tensor of 64 elements (68 bytes). */
function gguf({ type = 8, version = 3 } = {}): Buffer {
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    u64(1),
    u64(3),
    ...[text('general.name'), u32(8), text('tiny')],
    ...[text('tokens'), u32(9), u32(8), u64(2), text('a'), text('b')],
    ...[text('general.alignment'), u32(4), u32(64)],
    ...[text('w'), u32(2), u64(32), u64(2), u32(type), u64(0)],
  ]);
  const padding = Buffer.alloc((64 - (header.length % 64)) % 64);
  return Buffer.concat([header, padding, Buffer.alloc(68, 1)]);
}

/** A superblock of version 0, 2 or 3 after `userBlock` bytes, saying that the file ends at `end`. */
function hdf5(version: 0 | 2 | 3, end: number, userBlock = 0): Buffer {
  const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
  const undefinedAddress = Buffer.alloc(8, 0xff);
  const rest =
    version === 0
      ? [Buffer.from([0, 0, 0, 0, 0, 8, 8, 0]), u32(0), u32(0), u64(0), undefinedAddress, u64(end)]
      : [Buffer.from([version, 8, 8, 0]), u64(0), undefinedAddress, u64(end)];
  const file = Buffer.alloc(512 + userBlock, 1);
  Buffer.concat([signature, ...rest]).copy(file, userBlock);
  return file;
}

/** A zip with one stored entry. */
function zip({ comment = '', zip64 = false } = {}): Buffer {
  const name = Buffer.from('data.pkl');
  const local = Buffer.concat([
    Buffer.from('PK\x03\x04'),
    Buffer.alloc(22),
    Buffer.from([8, 0, 0, 0]),
    name,
    Buffer.alloc(40, 3),
  ]);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.alloc(42), name]);
  const tail: Buffer[] = [];
  if (zip64) {
    const record = Buffer.concat([
      Buffer.from('PK\x06\x06'),
      Buffer.alloc(20),
      u64(1),
      u64(1),
      u64(entry.length),
      u64(local.length),
    ]);
    tail.push(record, Buffer.from('PK\x06\x07'), u32(0), u64(local.length + entry.length), u32(1));
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(zip64 ? 0xffff : 1, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : entry.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : local.length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([local, entry, ...tail, end, Buffer.from(comment)]);
}

function npy(descr: string, shape: string, data: number, major: 1 | 2 = 1): Buffer {
  const header = Buffer.from(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`);
  const length = major === 1 ? u32(header.length).subarray(0, 2) : u32(header.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([major, 0]),
    length,
    header,
    Buffer.alloc(data, 1),
  ]);
}

const parquet = Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(20, 1), u32(20), Buffer.from('PAR1')]);
const pickle = Buffer.from([0x80, 4, 0x95, 3, 0, 0, 0, 0, 0, 0, 0, 0x4b, 1, 0x2e]);

const whole: readonly [string, FileFormat, Buffer][] = [
  ['safetensors', 'safetensors', safetensors(tensors, 16)],
  ['safetensors without tensors', 'safetensors', safetensors({}, 0)],
  ['GGUF', 'gguf', gguf()],
  ['HDF5 of version 0', 'hdf5', hdf5(0, 512)],
  ['HDF5 of version 2 behind a user block', 'hdf5', hdf5(2, 1024, 512)],
  ['HDF5 of version 3 with something after it', 'hdf5', hdf5(3, 500)],
  ['Keras as HDF5', 'keras', hdf5(0, 512)],
  ['Keras as zip', 'keras', zip()],
  ['PyTorch', 'torch', zip()],
  ['zip', 'zip', zip()],
  ['zip with a comment', 'zip', zip({ comment: 'made by hand' })],
  ['zip64', 'zip', zip({ zip64: true })],
  ['npy', 'npy', npy("'<f4'", '(2, 3)', 24)],
  ['npy of version 2', 'npy', npy("'<U3'", '(2,)', 24, 2)],
  ['npy of one number', 'npy', npy("'|b1'", '()', 1)],
  ['Parquet', 'parquet', parquet],
  ['pickle', 'pickle', pickle],
  ['content in the GGUF format', 'content', gguf()],
  ['content in the safetensors format', 'content', safetensors(tensors, 16)],
];

describe('a look at header and size', () => {
  it.each(whole)('finds %s whole, and damaged when its end is missing', (_name, format, file) => {
    expect(lookAt(bytesOf(file), format)).toEqual({ state: 'whole' });
    const last = format === 'hdf5' && file.readUInt8(8) === 3 ? 100 : 1;
    expect(lookAt(bytesOf(file.subarray(0, file.length - last)), format).state).toMatch(/^(?:damaged|unknown)$/);
  });

  it.each(whole)('never throws on %s cut anywhere', (_name, format, file) => {
    for (let length = 1; length < file.length; length++) {
      const { state } = lookAt(bytesOf(file.subarray(0, length)), format);
      if (format !== 'hdf5' && format !== 'keras') expect(state).not.toBe('whole');
    }
  });

  it.each([
    [
      'tensors that overlap',
      'safetensors',
      safetensors({ a: { data_offsets: [0, 8] }, b: { data_offsets: [4, 16] } }, 16),
      /overlap/,
    ],
    ['more data than tensors', 'safetensors', safetensors(tensors, 20), /4 B after/],
    ['a tensor without a place', 'safetensors', safetensors({ a: {} }, 0), /without a place/],
    ['a header that is no JSON', 'safetensors', Buffer.concat([text('{nope'), Buffer.alloc(9)]), /not JSON/],
    ['a page of an error', 'safetensors', Buffer.from('<html>not found</html>'), /no header/],
    ['nothing but zeros', 'gguf', Buffer.alloc(5_000), /zeros/],
    ['another beginning', 'gguf', Buffer.from('version https://git-lfs.github.com/spec/v1'), /does not begin/],
    ['another beginning', 'hdf5', Buffer.from('hello, this is no HDF5 file'), /does not begin/],
    ['an end that lies beyond it', 'hdf5', hdf5(0, 2_000), /early/],
    [
      'a footer longer than itself',
      'parquet',
      Buffer.concat([Buffer.from('PAR1'), u32(9_999), Buffer.from('PAR1')]),
      /makes no sense/,
    ],
    ['a part missing inside', 'zip', Buffer.concat([zip().subarray(0, 30), zip().subarray(60)]), /lacks a part/],
  ] as const)('tells %s (%s)', (_name, format, file, says) => {
    const verdict = lookAt(bytesOf(file), format);
    expect(verdict.state).toBe('damaged');
    expect('reason' in verdict ? verdict.reason : '').toMatch(says);
  });

  it.each([
    ['a type of tensor that is not known', 'gguf', gguf({ type: 99 })],
    ['another version of GGUF', 'gguf', gguf({ version: 1 })],
    ['objects in an array', 'npy', npy("'|O'", '(3,)', 5)],
    ['records in an array', 'npy', npy("[('a', '<f4')]", '(3,)', 5)],
    ['a compressed pickle', 'pickle', Buffer.from([0x78, 0x9c, 1, 2])],
    ['a .bin of an old PyTorch', 'bin', Buffer.from('80028a0a6cfc9c46f9206aa850192e80', 'hex')],
    ['weights of an old PyTorch', 'torch', Buffer.from([0x80, 2, 0x8a, 1])],
  ] as const)('says that of %s it cannot be told', (_name, format, file) => {
    expect(lookAt(bytesOf(file), format).state).toBe('unknown');
  });

  it('passes over what is of another kind', () => {
    expect(lookAt(bytesOf(Buffer.from('hello')), 'bin')).toEqual({ state: 'other' });
    expect(lookAt(bytesOf(Buffer.alloc(4_000)), 'bin')).toEqual({ state: 'other' });
    expect(lookAt(bytesOf(Buffer.from([0x80, 2, 1, 1])), 'bin')).toEqual({ state: 'other' });
    expect(lookAt(bytesOf(Buffer.from('hello, I am no database')), 'sqlite')).toEqual({ state: 'other' });
    expect(lookAt(bytesOf(Buffer.from('hello')), 'content')).toEqual({ state: 'other' });
    expect(lookAt(bytesOf(Buffer.alloc(0)), 'gguf')).toEqual({ state: 'other' });
  });
});

describe('files on the disk', () => {
  const temporary = temporaryFolder();
  afterEach(() => temporary.remove());
  const still = { throwIfCancelled: () => undefined, onProgress: () => undefined };

  it('finds a database whole, and one that was cut off', () => {
    const file = join(temporary.path, 'a.db');
    const database = new DatabaseSync(file);
    database.exec(
      'CREATE TABLE t (x); INSERT INTO t SELECT randomblob(2000) FROM generate_series(1, 20)'.replace(
        'generate_series(1, 20)',
        '(VALUES (1), (2), (3), (4), (5), (6), (7))',
      ),
    );
    database.close();
    const content = readFileSync(file);
    writeFileSync(join(temporary.path, 'cut.db'), content.subarray(0, content.length - 4_096));
    writeFileSync(join(temporary.path, 'fresh.gguf'), 'GGUF');
    const candidate = { role: 'database', bytes: 1, mtimeMs: 0 } as const;
    const { families: found, unsettled } = lookIntoFiles(
      nodeFs,
      {
        root: temporary.path,
        nowMs: 1_000_000_000,
        candidates: [
          { ...candidate, path: 'a.db', format: 'sqlite' },
          { ...candidate, path: 'cut.db', format: 'sqlite' },
          { ...candidate, path: 'gone.db', format: 'sqlite' },
          { ...candidate, path: 'fresh.gguf', format: 'gguf', mtimeMs: 999_999_000 },
        ],
      },
      still,
    );
    expect(found.databases).toMatchObject({
      looked: 2,
      whole: 1,
      damaged: { first: [{ path: 'cut.db', reason: 'ends 4.0 KiB early' }] },
    });
    expect(unsettled).toBe(1);
    expect(found.models.unknown.first).toEqual([{ path: 'fresh.gguf', role: 'database', reason: 'is being written' }]);
  });
});

describe('names', () => {
  it('tells formats by endings, and content by its digest in folders of models', () => {
    const digest = 'a'.repeat(64);
    expect(formatOf('model.SafeTensors', false)).toBe('safetensors');
    expect(formatOf('pytorch_model.bin', true)).toBe('bin');
    expect(formatOf('any.bin', false)).toBeUndefined();
    expect(formatOf(`sha256-${digest}`, true)).toBe('content');
    expect(formatOf(digest, false)).toBeUndefined();
    expect(formatOf('notes.constructor', true)).toBeUndefined();
    expect(formatOf('.pt', true)).toBeUndefined();
  });

  it('knows what is never empty, and downloads that did not finish', () => {
    expect(isNeverEmpty('a.h5')).toBe(true);
    expect(isNeverEmpty('a.log')).toBe(false);
    expect(isNeverEmpty('.gitkeep')).toBe(false);
    const names = ['x.incomplete', 'x.part', 'x.crdownload', 'x.aria2', 'sha256-ab-partial', 'sha256-ab-partial-12'];
    expect(names.filter((name) => !isPartialDownload(name))).toEqual([]);
    expect(isPartialDownload('department.txt')).toBe(false);
  });
});
