import { expect, test } from 'vitest';
import { chooseMoving } from './moving.ts';
import type { HeldArchive } from './outcome.ts';

const MiB = 1024 * 1024;

function held(number: number, needed: number, more: { content?: number; name?: string; stores?: string[] } = {}) {
  const { content = needed, name = `${number}.tar.zst`, stores = ['a'] } = more;
  const format = name.includes('.tar.gz') ? 'gz' : 'zst';
  const archive = { name, format, bytes: content + 1_000, stamp: '', hasManifest: false } as const;
  const one: HeldArchive = { archive, neededBy: ['b'], manifests: ['b'], stores, movable: true };
  const frame = { offset: 0, storedLength: needed, plainLength: needed, sha256: String(number) };
  return { held: one, usage: { content, needed, frames: [frame] }, recipients: undefined };
}

const some = (count: number, from = 0) => Array.from({ length: count }, (_, index) => held(from + index, 50_000));
const said = (...looked: Parameters<typeof chooseMoving>[0][number][]) =>
  chooseMoving(looked).map(({ held: { archive }, why, lot }) => [archive.name, why, lot !== undefined]);

test('a few small archives stay as they are, eight become one', () => {
  expect(said(...some(7))).toEqual([]);
  const merged = chooseMoving(some(8));
  expect(merged.map(({ why }) => why)).toEqual(Array.from({ length: 8 }, () => 'small'));
  expect(new Set(merged.map(({ lot }) => lot)).size).toBe(1);
});

test('only what is alike is merged', () => {
  expect(said(...some(7), held(9, 50_000, { name: '9.tar.gz' }))).toEqual([]);
  expect(said(...some(7), held(9, 50_000, { name: '9.tar.zst.age' }))).toEqual([]);
  expect(said(...some(7), held(9, 50_000, { stores: ['b'] }))).toEqual([]);
  expect(said(...some(7), held(9, 5 * MiB))).toEqual([]);
});

test('mostly unneeded ones are written anew however few they are, and count', () => {
  const unneeded = held(9, 50_000, { content: 500_000 });
  expect(said(unneeded)).toEqual([['9.tar.zst', 'unneeded', true]]);
  expect(said(held(9, 20 * MiB, { content: 50 * MiB }))).toEqual([['9.tar.zst', 'unneeded', false]]);
  expect(said(...some(7), unneeded).map(([, why]) => why)).toEqual([
    ...Array.from({ length: 7 }, () => 'small'),
    'unneeded',
  ]);
});

test('a run merges no more than it takes a moment to copy', () => {
  const merged = chooseMoving(Array.from({ length: 100 }, (_, number) => held(number, 3 * MiB)));
  expect(merged).toHaveLength(21);
});
