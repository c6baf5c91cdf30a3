import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Job } from '../../shared/contract/index.ts';
import { call, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

/** Rotation as the last part of a backup. */

const machine = vi.hoisted(() => ({ name: 'here' }));
vi.mock('node:os', async (original) => ({ ...(await original<object>()), hostname: () => machine.name }));

let here: TestDestination;
beforeEach(() => {
  here = createDestination();
});
afterEach(() => here.context.close());

function rotateBy(keepLast: number, rotate = true): void {
  here.context.stores.update(here.store.id, { rules: { retention: rules({ keepLast }), rotate } });
}

async function backUp(): Promise<Job> {
  const { job } = await here.backups.handlers.start({ store: here.store.id, full: true }, call);
  return here.context.job(job);
}

const ids = async (): Promise<string[]> => (await here.list()).backups.map(({ id }) => id);

test('after each backup the rules of a store that asks for it are applied', async () => {
  here.put('a', 'one');
  rotateBy(2);
  const made: string[] = [];
  for (let number = 0; number < 4; number += 1) {
    const { status, result } = await backUp();
    expect(status).toBe('done');
    made.unshift(String(result?.['id']));
  }
  expect(await ids()).toEqual(made.slice(0, 2));
  expect(here.files()).toHaveLength(4);
});

test('a store that does not ask for it keeps everything', async () => {
  here.put('a', 'one');
  rotateBy(1, false);
  await backUp();
  await backUp();
  expect(await ids()).toHaveLength(2);
});

test('what cannot be removed is a warning of the backup, which stands', async () => {
  here.put('a', 'one');
  await backUp();
  rotateBy(1);
  fs.writeFileSync(join(here.destination, '.larder/marks.json'), 'damaged');
  const job = await backUp();
  expect(job).toMatchObject({ status: 'done', warningCount: 1, result: { status: 'done' } });
  expect(await ids()).toHaveLength(2);
});

test('an archive that was only held is cleared away by the next backup, rotation or not', async () => {
  here.put('a', noise(10_000, 1));
  const first = await here.backUp();
  const second = await here.backUp();
  await here.removeBackups(first);
  // Somebody else's hands: the backup that held it goes without Larder.
  fs.rmSync(second.manifest);
  fs.rmSync(second.archive);
  expect(here.files()).toEqual([basename(first.archive)]);
  const third = await here.backUp();
  expect(here.files()).toEqual([basename(third.archive), basename(third.manifest)].sort());
});

/** The same folders seen by a Larder that knows nothing of the store yet: another machine, or the store added again. */
async function addAgain(): Promise<void> {
  const { store, context } = here;
  context.stores.remove(store.id);
  const again = context.stores.add({ path: here.root });
  expect(again.id).not.toBe(store.id);
  here = { ...here, store: again, list: async () => here.backups.handlers.list({ store: again.id }, call) };
}

test('backups from before the store was added again are rotated with the others', async () => {
  here.put('a', 'one');
  await backUp();
  await addAgain();
  rotateBy(1);
  await backUp();
  expect(await ids()).toHaveLength(1);
});

test('backups that another machine made of a store at the same path are its own to rotate', async () => {
  here.put('a', 'one');
  machine.name = 'other';
  const foreign = String((await backUp()).result?.['id']);
  machine.name = 'here';
  await addAgain();
  rotateBy(1);
  await backUp();
  const last = String((await backUp()).result?.['id']);
  expect(await ids()).toEqual([last, foreign]);
});
