import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LarderError, type UsageEntry } from '../../../shared/contract/index.ts';
import type { Client } from '../../../shared/client/index.ts';
import { TreeModel, type TreeView } from './tree-model.ts';
import { pageSize } from './tree-rows.ts';

const view: TreeView = { root: '', sort: 'name', reverse: false, filter: '' };
const entry = (name: string, kind: UsageEntry['kind'] = 'file', bytes = 1): UsageEntry => ({
  name,
  kind,
  bytes,
  allocated: bytes,
  files: 1,
  dirs: 0,
  newest: 1,
});
const files = (count: number, prefix = 'f'): UsageEntry[] =>
  Array.from({ length: count }, (_, index) => entry(`${prefix}${index}`));

interface Asked {
  path: string;
  offset: number;
  filter: string | undefined;
}

/** A disk of folders, and what was asked of it. */
function testDisk(folders: Record<string, UsageEntry[]>): { client: Pick<Client, 'call'>; asked: Asked[] } {
  const asked: Asked[] = [];
  const call = (
    _: string,
    input: { path: string; offset: number; limit: number; filter?: string },
  ): Promise<unknown> => {
    asked.push({ path: input.path, offset: input.offset, filter: input.filter });
    const all = folders[input.path];
    if (all === undefined) return Promise.reject(new LarderError('NOT_FOUND', 'It is not there.'));
    const { filter } = input;
    const fitting = filter === undefined ? all : all.filter((each) => each.name.includes(filter));
    return Promise.resolve({
      entries: fitting.slice(input.offset, input.offset + input.limit),
      total: fitting.length,
      allocated: 9,
    });
  };
  return { client: { call } as unknown as Pick<Client, 'call'>, asked };
}

describe('the folders of a store as they are walked through', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => vi.useRealTimers());
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000);

  function begin(folders: Record<string, UsageEntry[]>): { model: TreeModel; asked: Asked[]; stop: () => void } {
    const { client, asked } = testDisk(folders);
    const model = new TreeModel(client, 's');
    const stop = model.subscribe(() => {});
    model.show(view, 0, 20);
    return { model, asked, stop };
  }

  it('are asked for by pages, as they come in sight', async () => {
    const { model, asked } = begin({ '': files(3_000) });
    expect(model.root(view).total).toBeUndefined();
    await settle();
    expect(asked).toEqual([{ path: '', offset: 0, filter: undefined }]);
    expect(model.tree(view).length).toBe(3_000);
    expect(model.tree(view).rowAt(2_500)?.kind).toBe('waiting');
    model.show(view, 2_480, 2_510);
    await settle();
    expect(asked.slice(1).map(({ offset }) => offset)).toEqual([4 * pageSize, 5 * pageSize]);
    expect(model.tree(view).rowAt(2_500)).toMatchObject({ kind: 'entry', path: 'f2500' });
    expect(model.tree(view).rowAt(1_200)?.kind).toBe('waiting');
  });

  it('are not asked for while the bar only flies by them', async () => {
    const { model, asked } = begin({ '': files(50_000) });
    await settle();
    for (let first = 5_000; first < 45_000; first += 1_000) {
      model.show(view, first, first + 20);
      await vi.advanceTimersByTimeAsync(16);
    }
    await settle();
    expect(asked.slice(1).map(({ offset }) => offset)).toEqual([44_000 - pageSize, 44_000]);
  });

  it('open in place, and are counted even out of sight', async () => {
    const { model } = begin({ '': [entry('a', 'dir'), ...files(400), entry('z', 'dir')], a: files(3), z: files(7) });
    await settle();
    model.expand('a');
    model.expand('z');
    expect(model.tree(view).rowAt(1)?.kind).toBe('waiting');
    await settle();
    expect(model.tree(view).length).toBe(402 + 3 + 7);
    expect(model.tree(view).indexOf('z/f6')).toBe(411);
    model.collapse('a');
    expect(model.tree(view).indexOf('z/f6')).toBe(408);
  });

  it('are shown as they were until they are known anew, and say what moved', async () => {
    const folders = { '': [entry('a', 'dir'), entry('b')], a: files(2) };
    const { model, asked } = begin(folders);
    await settle();
    model.expand('a');
    await settle();
    folders[''] = [entry('0'), entry('a', 'dir', 5), entry('b')];
    const before = asked.length;
    model.touched(['b/c', '']);
    expect(model.tree(view).rowAt(0)).toMatchObject({ path: 'a', expanded: true });
    await settle();
    // The open folder itself did not change.
    expect(asked.slice(before).map(({ path }) => path)).toEqual(['']);
    expect(model.tree(view).rowAt(1)).toMatchObject({ path: 'a', expanded: true });
    expect(model.tree(view).indexOf('a/f1')).toBe(3);
  });

  it('pulse for a moment', async () => {
    const folders = { '': [entry('a'), entry('b')] };
    const { model } = begin(folders);
    await settle();
    folders[''] = [entry('a'), entry('b', 'file', 2)];
    model.touched();
    await vi.advanceTimersByTimeAsync(300);
    expect([...model.snapshot().pulsing]).toEqual(['b']);
    await settle();
    expect(model.snapshot().pulsing.size).toBe(0);
  });

  it('are read again at a measured pace, however much changes', async () => {
    const { model, asked } = begin({ '': files(3) });
    await settle();
    const before = asked.length;
    for (let each = 0; each < 100; each += 1) {
      model.touched(['']);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(asked.length - before).toBeGreaterThan(5);
    expect(asked.length - before).toBeLessThanOrEqual(11);
  });

  it('close when they are gone, and say what went wrong otherwise', async () => {
    const folders: Record<string, UsageEntry[]> = { '': [entry('a', 'dir')], a: files(2) };
    const { model } = begin(folders);
    await settle();
    model.expand('a');
    await settle();
    delete folders['a'];
    folders[''] = [entry('b')];
    model.touched();
    await settle();
    expect([...model.expanded]).toEqual([]);
    expect(model.tree(view).length).toBe(1);
    delete folders[''];
    model.touched();
    await settle();
    expect(model.root(view).error?.code).toBe('NOT_FOUND');
    folders[''] = [entry('back')];
    model.touched();
    await settle();
    expect(model.root(view).error).toBeUndefined();
    expect(model.tree(view).rowAt(0)).toMatchObject({ path: 'back' });
  });

  it('say that the one shown is gone when a folder above changed, and come back with it', async () => {
    const folders: Record<string, UsageEntry[]> = { '': [entry('a', 'dir')], 'a/b': files(2) };
    const { model, asked } = begin(folders);
    const inside: TreeView = { ...view, root: 'a/b' };
    model.show(inside, 0, 20);
    await settle();
    expect(model.root(inside)).toMatchObject({ total: 2, error: undefined });
    const before = asked.length;
    model.touched(['c']);
    await settle();
    expect(asked).toHaveLength(before);
    delete folders['a/b'];
    model.touched(['a']);
    await settle();
    expect(model.root(inside).error).toMatchObject({ code: 'NOT_FOUND' });
    folders['a/b'] = files(3);
    model.touched(['']);
    await settle();
    expect(model.root(inside)).toMatchObject({ total: 3, error: undefined });
  });

  it('narrow down by name in the folder shown only', async () => {
    const { model, asked } = begin({ '': [entry('ab', 'dir'), entry('c')], ab: files(2) });
    await settle();
    model.expand('ab');
    const narrow = { ...view, filter: 'a' };
    model.show(narrow, 0, 20);
    await settle();
    expect(model.tree(narrow).length).toBe(3);
    expect(asked).toContainEqual({ path: '', offset: 0, filter: 'a' });
    expect(asked).toContainEqual({ path: 'ab', offset: 0, filter: undefined });
  });

  it('are few enough to keep, those in sight and those that hold open ones first', async () => {
    const { model } = begin({ '': [entry('open', 'dir'), ...files(200_000)], open: files(1) });
    await settle();
    model.expand('open');
    await settle();
    for (let first = 1_000; first < 150_000; first += 1_000) {
      model.show(view, first, first + 20);
      await vi.advanceTimersByTimeAsync(200);
    }
    const tree = model.tree(view);
    expect(tree.rowAt(0)).toMatchObject({ path: 'open', expanded: true });
    expect(tree.rowAt(149_005)?.kind).toBe('entry');
    expect(tree.rowAt(2_005)?.kind).toBe('waiting');
  });

  it('ask for nothing when nobody looks', async () => {
    const { model, asked, stop } = begin({ '': files(3) });
    await settle();
    stop();
    const before = asked.length;
    model.touched();
    await settle();
    expect(asked.length).toBe(before);
  });
});
