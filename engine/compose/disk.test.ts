import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { diskFacts, removals } from './disk.ts';
import { DiskReader } from './files.ts';
import { foldersBeside, grouped, overrideBeside, projectsIn } from './find.ts';

let folder: { path: string; remove(): void };
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

function put(path: string, text = 'services: {a: {image: x}}\n'): string {
  const whole = join(folder.path, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

const read = (path: string): string => new DiskReader(nodeFs).read(path);
const inside = (paths: readonly string[]): string[] => paths.map((path) => path.slice(folder.path.length + 1));

describe('finding compose files beside a store', () => {
  it('goes up to the root of the checkout, and one folder down from there', () => {
    for (const path of [
      'repo/.git/HEAD',
      'repo/x/y/z/w/store/a',
      'repo/deploy/f',
      'repo/node_modules/f',
      'repo/.venv/f',
      'repo/x/docker/f',
      'repo/x/other/f',
      'above/f',
    ])
      put(path);
    expect(inside(foldersBeside(nodeFs, join(folder.path, 'repo/x/y/z/w/store'), '/home/me'))).toEqual(
      [
        'repo/x/y/z/w/store',
        'repo/x/y/z/w',
        'repo/x/y/z',
        'repo/x/y',
        'repo/x',
        'repo/x/docker',
        'repo',
        'repo/deploy',
        'repo/x',
      ].filter((path, index, all) => all.indexOf(path) === index),
    );
  });

  it('goes three levels up where there is no checkout, and looks into no other people’s projects in a home', () => {
    put('h/me/a/b/c/d/store/f');
    put('h/me/docker/f');
    const found = (store: string, home: string): string[] =>
      inside(foldersBeside(nodeFs, join(folder.path, store), join(folder.path, home)));
    expect(found('h/me/a/b/c/d/store', 'nobody')).toEqual([
      'h/me/a/b/c/d/store',
      'h/me/a/b/c/d',
      'h/me/a/b/c',
      'h/me/a/b',
    ]);
    expect(found('h/me/a', 'h/me')).toEqual(['h/me/a', 'h/me', '']);
  });

  it('never leaves the top of the disk to be searched', () => {
    expect(foldersBeside(nodeFs, '/srv', '/root')).toEqual(['/srv']);
  });
});

describe('which files belong together', () => {
  const groups = (): string[][] => projectsIn(nodeFs, [folder.path], read).map(inside);

  it('takes the usual name with its override, and others by themselves', () => {
    for (const name of [
      'docker-compose.yml',
      'docker-compose.override.yml',
      'docker-compose.monitoring.yaml',
      'compose-gpu.yaml',
      'other.yml',
      'compose.yaml.bak',
    ])
      put(name);
    expect(groups()).toEqual([
      ['docker-compose.yml', 'docker-compose.override.yml'],
      ['compose-gpu.yaml'],
      ['docker-compose.monitoring.yaml'],
    ]);
  });

  it('puts a file that cannot stand alone over the base', () => {
    put('compose.yaml');
    put('docker-compose.yml');
    put('compose.prod.yaml', 'services: {a: {restart: always}}');
    expect(groups()).toEqual([['compose.yaml'], ['compose.yaml', 'compose.prod.yaml'], ['docker-compose.yml']]);
  });

  it('puts an override over its own base, and reads one without a base by itself', () => {
    put('docker-compose.prod.yml');
    put('docker-compose.prod.override.yml', 'services: {a: {restart: always}}');
    expect(groups()).toEqual([
      ['docker-compose.prod.yml', 'docker-compose.prod.override.yml'],
      ['docker-compose.prod.yml'],
    ]);
    expect(grouped([join(folder.path, 'docker-compose.override.yml')], read)).toHaveLength(1);
  });

  it('adds the override to a file named by itself, as up does', () => {
    const base = put('compose.yml');
    expect(overrideBeside(nodeFs, base)).toBeUndefined();
    const over = put('compose.override.yml');
    expect(overrideBeside(nodeFs, base)).toBe(over);
    expect(overrideBeside(nodeFs, put('compose.prod.yml'))).toBeUndefined();
  });
});

describe('reading', () => {
  it('refuses what is no small text', () => {
    const code = (path: string) => {
      try {
        return read(path);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    put('large.yaml', 'x'.repeat(512 * 1024 + 1));
    writeFileSync(join(folder.path, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0]));
    symlinkSync('loop', join(folder.path, 'loop'));
    expect(code(join(folder.path, 'large.yaml'))).toBe('LIMIT_REACHED');
    expect(code(join(folder.path, 'binary.yaml'))).toBe('INVALID_INPUT');
    expect(code(join(folder.path, 'gone.yaml'))).toBe('NOT_FOUND');
    expect(code(folder.path)).toBe('INVALID_INPUT');
    expect(code(join(folder.path, 'loop'))).toBe('INVALID_INPUT');
    expect(code('/dev/zero')).toBe('INVALID_INPUT');
  });
});

describe('facts of the disk', () => {
  const table =
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /nas rw - nfs4 nas:/x rw\n3 1 0:8 / /mnt/c rw - 9p drvfs rw\n';
  const fs: FileSystem = {
    ...nodeFs,
    readFile: (path) => (path === '/proc/self/mountinfo' ? Buffer.from(table) : nodeFs.readFile(path)),
  };

  it('tells file systems by the mount table, for folders that are not there yet, too', () => {
    const facts = diskFacts(fs, 'linux');
    expect(facts.fileSystem('/nas/x/y')).toEqual({ kind: 'network', type: 'nfs4' });
    expect(facts.fileSystem('/mnt/c/Users')).toEqual({ kind: 'windows', type: '9p' });
    expect(facts.fileSystem('/not/there')).toEqual({ kind: 'local', type: 'ext4' });
    expect(diskFacts(fs, 'win32').fileSystem('C:\\x')?.kind).toBe('windows');
  });

  it('tells owners where they mean something', () => {
    const path = put('f');
    expect(diskFacts(fs, 'linux').owner(path)).toMatchObject({ uid: process.getuid?.() });
    expect(diskFacts(fs, 'linux').owner(join(path, 'gone'))).toBeUndefined();
    expect(diskFacts(fs, 'darwin').owner(path)).toBeUndefined();
  });

  it('follows links', () => {
    put('real/f');
    symlinkSync('real', join(folder.path, 'link'));
    const facts = diskFacts(nodeFs, 'linux');
    expect(inside([facts.real(join(folder.path, 'link/gone/x'))])).toEqual(['real/gone/x']);
  });

  it('finds scripts in usual places', () => {
    put('Makefile', 'clean:\n\tdocker compose down -v\n');
    put('scripts/x.sh', 'docker-compose down --volumes');
    put('package.json', '{"scripts": {"reset": "docker compose down -v && echo"}}');
    put('src/deep.sh', 'docker compose down -v');
    put('notes.txt', 'docker compose down -v');
    const found = diskFacts(nodeFs, 'linux').scripts(folder.path);
    expect(found.map(({ file, line }) => `${inside([file]).join('')}:${line}`)).toEqual([
      'Makefile:2',
      'package.json:1',
      'scripts/x.sh:1',
    ]);
  });
});

it.each([
  ['docker compose down -v', ' -v'],
  ['docker-compose -f a.yml -p x down --remove-orphans --volumes; true', ' --volumes'],
  ['sudo docker compose down -tv', ' -tv'],
  ['docker compose --profile dev down -v # wipe', ' -v'],
  ['docker system prune -af --volumes', ' --volumes'],
  ['docker volume prune -f', ''],
  ['docker compose down', undefined],
  ['docker compose down # -v would wipe', undefined],
  ['docker compose down; ls -v', undefined],
  ['docker compose up -V', undefined],
  ['docker compose down --rmi all', undefined],
  ['docker system prune -af', undefined],
  ['docker system prune -af; foo --volumes', undefined],
  ['# docker compose down -v', undefined],
  ['echo docker compose down -v', undefined],
  ['REM docker compose down -v', undefined],
])('%s', (text, removed) => {
  const [found] = removals('/x.sh', `first\n${text}\n`);
  expect(found === undefined ? undefined : `first\n${text}\n`.slice(found.start, found.end)).toBe(removed);
  if (found !== undefined) expect(found.line).toBe(2);
});
