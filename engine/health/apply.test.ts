import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { applyChanges, digestOf } from './apply.ts';
import type { Applied, Change } from './apply.ts';

let temporary: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  temporary = temporaryFolder();
  root = nodeFs.realPath(temporary.path);
});
afterEach(() => temporary.remove());

const of = { check: 'structure.required', from: '', to: '' };
const create = (path: string, mode = 0o750): Change => ({ ...of, kind: 'create', path, mode, owner: undefined });
const setMode = (path: string, fromMode: number, mode: number): Change => ({
  ...of,
  kind: 'mode',
  path,
  fromMode,
  mode,
});
const append = (path: string, before: string, text: string): Change => ({
  ...of,
  kind: 'append',
  path,
  digest: digestOf(Buffer.from(before)),
  text,
});
const apply = (changes: readonly Change[], fs: FileSystem = nodeFs): Applied =>
  applyChanges(fs, { root, changes }, () => undefined);
const modeOf = (path: string): number => statSync(join(root, path)).mode & 0o7777;

it('makes folders with their mode whatever the umask, one in another', () => {
  const before = process.umask(0o077);
  try {
    expect(apply([create('a'), create('a/b', 0o755)])).toEqual({ done: [0, 1], skipped: [] });
  } finally {
    process.umask(before);
  }
  expect([modeOf('a'), modeOf('a/b')]).toEqual([0o750, 0o755]);
});

it('sets modes as planned, and leaves special bits of folders', () => {
  mkdirSync(join(root, 'a'));
  chmodSync(join(root, 'a'), 0o2777);
  writeFileSync(join(root, 'a/f'), '');
  chmodSync(join(root, 'a/f'), 0o400);
  expect(apply([setMode('a/f', 0o400, 0o644), setMode('a', 0o777, 0o755)]).done).toEqual([0, 1]);
  expect([modeOf('a'), modeOf('a/f')]).toEqual([0o2755, 0o644]);
});

it('adds lines to a file and keeps what it says, its mode too', () => {
  writeFileSync(join(root, 'x.env'), 'A=1');
  chmodSync(join(root, 'x.env'), 0o640);
  expect(apply([append('x.env', 'A=1', 'B=2\n')]).done).toEqual([0]);
  expect(readFileSync(join(root, 'x.env'), 'utf8')).toBe('A=1\nB=2\n');
  expect(modeOf('x.env')).toBe(0o640);
});

it.each([
  ['a folder that is there by now', (): void => mkdirSync(join(root, 'new')), create('new')],
  ['a mode that is another', (): void => chmodSync(join(root, 'f'), 0o600), setMode('f', 0o644, 0o640)],
  ['a file that says something else', (): void => writeFileSync(join(root, 'f'), 'other'), append('f', 'x', 'B=2\n')],
  ['a path that is gone', (): void => {}, setMode('gone', 0o644, 0o640)],
  ['a link in its place', (): void => symlinkSync('f', join(root, 'link')), setMode('link', 0o777, 0o640)],
  [
    'an owner that is another',
    (): void => {},
    { ...of, kind: 'owner', path: 'f', fromOwner: { uid: 1, gid: 1 }, owner: { uid: 2, gid: 2 } },
  ],
] as const)('refuses %s, and does nothing at all', (_name, change, planned) => {
  writeFileSync(join(root, 'f'), 'x');
  chmodSync(join(root, 'f'), 0o644);
  change();
  expect(() => apply([create('first'), planned])).toThrow(expect.objectContaining({ code: 'CHANGED_ON_DISK' }));
  expect(existsSync(join(root, 'first'))).toBe(false);
});

it('goes through no link out of the store', () => {
  const outside = temporaryFolder();
  try {
    symlinkSync(outside.path, join(root, 'out'));
    writeFileSync(join(outside.path, 'f'), '');
    chmodSync(join(outside.path, 'f'), 0o600);
    for (const change of [create('out/new'), setMode('out/f', 0o600, 0o666), append('out/f', '', 'B=2\n')]) {
      expect(() => apply([change])).toThrow(expect.objectContaining({ code: 'CHANGED_ON_DISK' }));
    }
    expect(existsSync(join(outside.path, 'new'))).toBe(false);
    expect(lstatSync(join(outside.path, 'f')).mode & 0o777).toBe(0o600);
  } finally {
    outside.remove();
  }
});

it('tells what the system refuses, and makes the rest', () => {
  const full: FileSystem = {
    ...nodeFs,
    makeDirectory(path, options) {
      if (path.endsWith('/no')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      nodeFs.makeDirectory(path, options);
    },
  };
  expect(apply([create('no'), create('yes')], full)).toEqual({
    done: [1],
    skipped: [{ path: 'no', reason: 'may not be accessed by this user' }],
  });
});
