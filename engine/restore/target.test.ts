import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLarderError } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { hastyFs, parsed, setUp, signal, snapshot, writeFile, writeTree } from './test-tree.ts';
import type { Bench } from './test-tree.ts';

let bench: Bench;
let destination: string;
let elsewhere: string;

beforeEach(async () => {
  bench = setUp({ a: { content: 'a' }, backups: { dir: true } }, { fs: hastyFs });
  const { context } = bench;
  destination = join(context.folder, 'backups');
  elsewhere = join(context.folder, 'elsewhere');
  await bench.backUp();
  writeTree(join(context.folder, 'other'), { b: { content: 'b' } });
  context.stores.add({ path: join(context.folder, 'other'), destination: elsewhere });
  writeTree(elsewhere, { 'old.tar.zst': { content: 'backup' }, 'sub/file': { content: 'f' } });
  nodeFs.makeDirectory(join(destination, '.larder'), { recursive: true });
  nodeFs.makeDirectory(join(context.folder, 'any/.larder-undo/r-1.old'), { recursive: true });
  nodeFs.symlink(destination, join(context.folder, 'link'));
});

afterEach(async () => {
  await bench.context.close();
});

describe('the folder a restore with deletion goes to', () => {
  it.each([
    ['the destination of the backup', 'data/backups', 'data/backups'],
    ['a link to it', 'data/link', 'data/backups'],
    ['the destination of another store', 'data/elsewhere', 'data/elsewhere'],
    ['a folder in one', 'data/elsewhere/sub', 'data/elsewhere'],
    ['a new folder in one', 'data/elsewhere/new/er', 'data/elsewhere'],
    ["Larder's home", 'home', 'home'],
    ["a folder in Larder's home", 'home/restores', 'home'],
    ['.larder', 'data/backups/.larder', 'data/backups'],
    ['.larder-undo of any folder', 'data/any/.larder-undo', 'data/any/.larder-undo'],
    ['a folder in one of those', 'data/any/.larder-undo/r-1.old', 'data/any/.larder-undo'],
  ])('cannot be %s', async (_what, path, named) => {
    const root = join(bench.context.folder, '..');
    const before = snapshot(join(root, 'data'));
    const target = { kind: 'folder', path: join(root, path) } as const;
    await expect(bench.plan({ target, deleteExtra: true })).rejects.toSatisfy(
      (error) => isLarderError(error, 'INVALID_INPUT') && error.message.includes(join(root, named)),
    );
    expect(snapshot(join(root, 'data'))).toEqual(before);
  });

  it('may contain one, which stays with all that is in it', async () => {
    // The backup knows a folder of that name, and it is empty there.
    const target = { kind: 'folder', path: bench.context.folder } as const;
    const backups = snapshot(destination);
    const { plan, result } = await bench.restore({ target, deleteExtra: true });
    expect(plan.items.filter(({ action }) => action === 'delete').map(({ path }) => path)).toEqual(['any', 'link']);
    expect(result.status).toBe('done');
    expect({ ...snapshot(destination), '': '' }).toEqual({ ...backups, '': '' });
    expect(existsSync(join(elsewhere, 'old.tar.zst'))).toBe(true);
  });

  it('may be a store that lies in the folder its backups go to', async () => {
    bench.context.stores.update(bench.storeId, { destination: bench.context.folder });
    writeFile(join(bench.store, 'surplus'), 's');
    expect((await bench.restore({ deleteExtra: true })).result.deleted).toBe(1);
  });
});

describe('the folder a restore without deletion goes to', () => {
  it('may lie beside backups, and is never one of Larder', async () => {
    const { handlers } = bench.capability();
    const into = (path: string) => handlers.plan(parsed({ target: { kind: 'folder', path } }), { signal });
    expect((await into(join(elsewhere, 'new'))).created).toBe(3);
    const inUndo = join(bench.context.folder, 'any/.larder-undo/x');
    await expect(into(inUndo)).rejects.toThrow(/Larder keeps/);
    await expect(into(bench.context.home)).rejects.toThrow(/Larder's own folder/);
  });
});
