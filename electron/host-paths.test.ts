import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../engine/fs/index.ts';
import { isLarderError } from '../shared/contract/index.ts';
import type { ErrorCode } from '../shared/contract/index.ts';
import { pickFile, pickFolder, resolveRevealed } from './host-paths.ts';
import { isWithin } from './within.ts';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'larder-paths-')));
  for (const name of ['store/models', 'store-other', 'backups']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'secret'), '');
  symlinkSync(join(folder, 'secret'), join(folder, 'store/escape'));
  symlinkSync(join(folder, 'store'), join(folder, 'alias'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function codeOf(run: () => unknown): ErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (isLarderError(error)) return error.code;
    throw error;
  }
}

describe('pickFolder', () => {
  it('grants and returns the real path of what was chosen', async () => {
    const granted: string[] = [];
    const chosen = await pickFolder(
      { title: 'Choose' },
      { fs: nodeFs, show: async () => join(folder, 'alias'), grant: (path) => granted.push(path) },
    );
    expect(chosen).toBe(join(folder, 'store'));
    expect(granted).toEqual([chosen]);
  });

  it('grants nothing when the dialog was closed', async () => {
    const picking = { fs: nodeFs, show: async () => undefined, grant: expect.unreachable };
    expect(await pickFolder({ title: 'Choose', defaultPath: '/' }, picking)).toBeUndefined();
  });

  it('grants nothing when what was chosen is gone', async () => {
    const picking = { fs: nodeFs, show: async () => join(folder, 'gone'), grant: expect.unreachable };
    await expect(pickFolder({ title: 'Choose' }, picking)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    undefined,
    'title',
    {},
    { title: '' },
    { title: 'x', properties: ['openFile'] },
    { title: 'x'.repeat(201) },
  ])('opens no dialog when asked with %j', async (input) => {
    const picking = { fs: nodeFs, show: () => expect.unreachable(), grant: expect.unreachable };
    await expect(pickFolder(input, picking)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('pickFile', () => {
  const picked = async (mode: 'open' | 'save', chosen: string) => {
    const granted: string[] = [];
    const picking = {
      fs: nodeFs,
      show: async () => join(folder, chosen),
      grant: (path: string) => void granted.push(path),
    };
    return { path: await pickFile({ title: 'Choose', mode }, picking), granted };
  };

  it('grants the real path of a file to read, and of the folder of one to write', async () => {
    const secret = join(folder, 'secret');
    expect(await picked('open', 'store/escape')).toEqual({ path: secret, granted: [secret] });
    const target = join(folder, 'store/new.tar.zst');
    expect(await picked('save', 'alias/new.tar.zst')).toEqual({ path: target, granted: [target] });
    await expect(picked('open', 'gone')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(picked('save', 'gone/new')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    undefined,
    {},
    { title: 'x' },
    { title: 'x', mode: 'folder' },
    { title: 'x', mode: 'save', name: '../up' },
    { title: 'x', mode: 'save', name: 'a\\b' },
    { title: 'x', mode: 'open', properties: ['openDirectory'] },
  ])('opens no dialog when asked with %j', async (input) => {
    const picking = { fs: nodeFs, show: () => expect.unreachable(), grant: expect.unreachable };
    await expect(pickFile(input, picking)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('resolveRevealed', () => {
  const reveal = (path: unknown): string =>
    resolveRevealed(path, [{ path: join(folder, 'store'), destination: join(folder, 'backups') }], nodeFs);

  it('shows what is in a store or its backup folder', () => {
    expect(reveal(join(folder, 'store'))).toBe(join(folder, 'store'));
    expect(reveal(join(folder, 'store/models'))).toBe(join(folder, 'store/models'));
    expect(reveal(join(folder, 'backups'))).toBe(join(folder, 'backups'));
  });

  it.each([
    ['outside', 'secret', 'PERMISSION'],
    ['a folder of a similar name', 'store-other', 'PERMISSION'],
    ['a way out', 'store/../secret', 'PERMISSION'],
    ['a link in the store to something outside', 'store/escape', 'PERMISSION'],
    ['what does not exist in the store', 'store/gone', 'NOT_FOUND'],
    ['what does not exist outside, in the same words', 'gone', 'PERMISSION'],
  ])('refuses %s', (_what, name, code) => {
    expect(codeOf(() => reveal(`${folder}/${name}`))).toBe(code);
  });

  it.each([undefined, 7, '', 'relative/path', 'file:///etc/passwd'])('refuses %j', (input) => {
    expect(codeOf(() => reveal(input))).toBe('INVALID_INPUT');
  });

  it('shows nothing while no store is registered', () => {
    expect(codeOf(() => resolveRevealed(folder, [], nodeFs))).toBe('PERMISSION');
  });
});

describe('isWithin', () => {
  it.each([
    ['/a/b', '/a/b', true],
    ['/a/b', '/a/b/c', true],
    ['/a/b', '/a/b/..c', true],
    ['/a/b', '/a/bc', false],
    ['/a/b', '/a', false],
    ['/', '/a', true],
  ])('%s, %s → %s', (outer, inner, expected) => {
    expect(isWithin(outer, inner)).toBe(expected);
  });
});
