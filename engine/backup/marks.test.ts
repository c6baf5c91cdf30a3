import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInlinePool } from '../pool/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readMarks } from './marks.ts';
import { call, createTestStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

let here: TestStore;
beforeEach(() => {
  here = createTestStore();
});
afterEach(() => here.context.close());

const marksFile = (): string => join(here.store.destination, '.larder/marks.json');

async function backUp(input: Record<string, unknown> = {}): Promise<string> {
  const { status, result } = await here.backUp(input);
  expect(status).toBe('done');
  return String(result?.['id']);
}

test('a backup is pinned and noted beside itself, shown so everywhere, and another Larder knows it too', async () => {
  const id = await backUp({ note: 'before the upgrade' });
  const { mark, get, list } = here.backups.handlers;
  expect(await get({ backup: id }, call)).toMatchObject({ pinned: false, note: 'before the upgrade' });

  expect(await mark({ backup: 'latest', pinned: true }, call)).toMatchObject({
    id,
    pinned: true,
    note: 'before the upgrade',
  });
  expect(await mark({ backup: id, note: 'grüße\n2' }, call)).toMatchObject({ pinned: true, note: 'grüße\n2' });
  expect((await list({}, call)).backups).toMatchObject([{ id, pinned: true, note: 'grüße\n2' }]);
  expect(JSON.parse(fs.readFileSync(marksFile(), 'utf8'))).toEqual({
    version: 1,
    backups: { [id]: { pinned: true, note: 'grüße\n2' } },
  });
  expect(here.context.events.at(-1)).toEqual({ name: 'backups.changed', data: { store: here.store.id } });

  const without = await mark({ backup: id, note: '', pinned: false }, call);
  expect(without.pinned).toBe(false);
  expect(without.note).toBeUndefined();
  expect(fs.readdirSync(join(here.store.destination, '.larder')).sort()).toEqual([
    'marks.json',
    'spare',
    'tmp',
    'verified',
  ]);
});

test('marks are of one backup each', async () => {
  const first = await backUp();
  const second = await backUp();
  await here.backups.handlers.mark({ backup: first, pinned: true }, call);
  await here.backups.handlers.mark({ backup: second, note: 'x' }, call);
  const { backups } = await here.backups.handlers.list({}, call);
  expect(backups.map(({ id, pinned, note }) => ({ id, pinned, note }))).toEqual(
    expect.arrayContaining([
      { id: first, pinned: true, note: undefined },
      { id: second, pinned: false, note: 'x' },
    ]),
  );
});

test('while another holds the destination nothing is marked', async () => {
  const id = await backUp();
  const lock = await here.backups.lockDestination(here.store.destination, { purpose: 'a test' });
  try {
    await expect(here.backups.handlers.mark({ backup: id, pinned: true }, call)).rejects.toMatchObject({
      code: 'BUSY',
    });
  } finally {
    lock.release();
  }
  expect(fs.existsSync(marksFile())).toBe(false);
});

test.each([
  ['cut off', '{"version":1,"backups":{"ab'],
  ['of another version', '{"version":2,"backups":{}}'],
  ['with a field too many', '{"version":1,"backups":{"a":{"pinned":true,"x":1}}}'],
  ['of the wrong kind', '{"version":1,"backups":{"a":{"pinned":"yes"}}}'],
  ['not text', '\u0000\u0001'],
])('marks %s are told, and set aside when the next is written', async (_title, content) => {
  const id = await backUp({ note: 'of the backup' });
  fs.writeFileSync(marksFile(), content);
  expect(() => readMarks(nodeFs, here.store.destination)).toThrow(/is damaged/);
  const { backups, problems } = await here.backups.handlers.list({}, call);
  expect(backups).toMatchObject([{ id, pinned: false, note: 'of the backup' }]);
  expect(problems).toMatchObject([{ path: marksFile() }]);

  expect(await here.backups.handlers.mark({ backup: id, pinned: true }, call)).toMatchObject({ pinned: true });
  const aside = join(here.store.destination, '.larder/marks-damaged-1.json');
  expect(fs.readFileSync(aside, 'utf8')).toBe(content);
  expect((await here.backups.handlers.list({}, call)).problems).toMatchObject([{ path: aside }]);
});

test('marks that could not be written leave the old ones', async () => {
  let full = false;
  const faulty: FileSystem = {
    ...nodeFs,
    fsync(fd) {
      if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      nodeFs.fsync(fd);
    },
  };
  await here.context.close();
  here = createTestStore({ fs: faulty, pool: createInlinePool(faulty) });
  const id = await backUp();
  await here.backups.handlers.mark({ backup: id, pinned: true }, call);
  full = true;
  await expect(here.backups.handlers.mark({ backup: id, pinned: false }, call)).rejects.toMatchObject({
    code: 'NO_SPACE',
  });
  full = false;
  expect(await here.backups.handlers.get({ backup: id }, call)).toMatchObject({ pinned: true });
});
