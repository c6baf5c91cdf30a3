import { expect, it } from 'vitest';
import { encodeHdf5 } from './hdf5.ts';
import { kerasModel } from './keras.ts';
import { lookup3 } from './lookup3.ts';
import { createRandom } from './random.ts';

interface Found {
  readonly datasets: Map<string, { shape: number[]; address: number; bytes: number }>;
  readonly groups: string[];
}

/** Walks object headers as the specification reads, checking each checksum. */
function walk(file: Buffer, address: number, path: string, found: Found): void {
  expect(file.subarray(address, address + 4).toString()).toBe('OHDR');
  expect(address % 8).toBe(0);
  const size = file.readUInt32LE(address + 6);
  const end = address + 10 + size;
  expect(file.readUInt32LE(end)).toBe(lookup3(file.subarray(address, end)));
  let shape: number[] = [];
  let isDataset = false;
  for (let at = address + 10; at < end;) {
    const [type, length] = [file[at] ?? 0, file.readUInt16LE(at + 1)];
    const body = file.subarray(at + 4, at + 4 + length);
    if (type === 1)
      shape = Array.from({ length: body[1] ?? 0 }, (_, index) => Number(body.readBigUInt64LE(4 + index * 8)));
    if (type === 8) {
      isDataset = true;
      const [data, bytes] = [Number(body.readBigUInt64LE(2)), Number(body.readBigUInt64LE(10))];
      expect(data + bytes).toBeLessThanOrEqual(file.length);
      found.datasets.set(path, { shape, address: data, bytes });
    }
    if (type === 6) {
      const nameLength = body[3] ?? 0;
      const name = body.subarray(4, 4 + nameLength).toString();
      walk(file, Number(body.readBigUInt64LE(4 + nameLength)), `${path}/${name}`, found);
    }
    at += 4 + length;
    expect(at).toBeLessThanOrEqual(end);
  }
  if (!isDataset) found.groups.push(path);
}

function read(file: Buffer): Found {
  expect(file.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]));
  expect(file[8]).toBe(2);
  expect(Number(file.readBigUInt64LE(28))).toBe(file.length);
  expect(file.readUInt32LE(44)).toBe(lookup3(file.subarray(0, 44)));
  const found: Found = { datasets: new Map(), groups: [] };
  walk(file, Number(file.readBigUInt64LE(36)), '', found);
  return found;
}

it('writes datasets where their headers say, with the shape they were given', () => {
  const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const file = encodeHdf5({
    kind: 'group',
    attributes: { text: 'naïve', number: 7, list: ['a', 'bcd'], empty: [] },
    children: { inner: { kind: 'group', children: { data: { kind: 'dataset', shape: [2, 3], data } } } },
  });
  const { datasets, groups } = read(file);
  expect(groups).toEqual(['/inner', '']);
  const found = datasets.get('/inner/data');
  expect(found).toMatchObject({ shape: [2, 3], bytes: 24 });
  expect(file.readFloatLE((found?.address ?? 0) + 20)).toBe(6);
});

it('refuses data that does not fill its shape', () => {
  const dataset = { kind: 'dataset', shape: [4], data: new Float32Array(3) } as const;
  expect(() => encodeHdf5({ kind: 'group', children: { dataset } })).toThrow(RangeError);
});

it('writes the groups and weights of a Keras model without overlap', () => {
  const { datasets, groups } = read(kerasModel(createRandom(1, 'keras'), 'nvda_lstm'));
  expect(groups).toContain('/model_weights/dropout');
  expect(datasets.get('/model_weights/lstm/lstm/lstm_cell/kernel:0')?.shape).toEqual([12, 1024]);
  const ranges = [...datasets.values()].sort((a, b) => a.address - b.address);
  ranges.forEach(({ address }, index) => {
    const before = ranges[index - 1];
    if (before !== undefined) expect(address).toBeGreaterThanOrEqual(before.address + before.bytes);
  });
});
