import { expect, it } from 'vitest';
import { parseImage, versionOf } from './image-name.ts';
import { unknownMark } from './interpolate.ts';
import { containerPath, isWithin } from './container-path.ts';
import { normalName } from './model.ts';
import { shellWords } from './shell-words.ts';
import { isHostPath, splitVolume } from './volume-text.ts';

it.each([
  ['/data', undefined, '/data', []],
  ['vol:/data', 'vol', '/data', []],
  ['./a b:/data:ro,z', './a b', '/data', ['ro', 'z']],
  ['C:\\x:/y:ro', 'C:\\x', '/y', ['ro']],
  ['c:/x:/y', 'c:/x', '/y', []],
  ['C:\\x:D:\\y:ro', 'C:\\x', 'D:\\y', ['ro']],
  ['a:/data', 'a', '/data', []],
  ['${A:-b:c}:/data:ro', '${A:-b:c}', '/data', ['ro']],
  ['~/x:/y', '~/x', '/y', []],
  ['\\\\server\\share:/y', '\\\\server\\share', '/y', []],
  ['', undefined, '', []],
] as const)('%s', (text, source, target, options) => {
  expect(splitVolume(text)).toEqual({ ...(source === undefined ? {} : { source }), target, options });
});

it('knows paths of the host from names', () => {
  for (const path of ['.', './x', '../x', '/x', '~', '~/x', 'C:\\x', 'c:/x', '\\\\s\\x'])
    expect(isHostPath(path)).toBe(true);
  for (const name of ['x', 'pg_data', 'a.b', 'C']) expect(isHostPath(name)).toBe(false);
});

it('takes images apart', () => {
  const of = (text: string) => {
    const image = parseImage(text);
    return image === undefined ? undefined : [image.registry, image.repository, image.tag, versionOf(image)];
  };
  expect(of('postgres')).toEqual([undefined, 'postgres', undefined, { kind: 'floating' }]);
  expect(of('library/postgres:16.3-alpine')).toEqual([
    undefined,
    'postgres',
    '16.3-alpine',
    { kind: 'major', major: 16 },
  ]);
  expect(of('localhost:5000/library/Redis:v7')).toEqual(['localhost:5000', 'redis', 'v7', { kind: 'major', major: 7 }]);
  expect(of('docker.io/pgvector/pgvector:0.8.0-pg17-bookworm')).toMatchObject({
    1: 'pgvector/pgvector',
    3: { major: 17 },
  });
  expect(of('postgres:18-alpine@sha256:abc')).toMatchObject({ 3: { major: 18 } });
  expect(of('postgres@sha256:abc')).toMatchObject({ 3: { kind: 'unknown' } });
  expect(of('postgres:latest@sha256:abc')).toMatchObject({ 3: { kind: 'unknown' } });
  expect(of('postgres:alpine3.20')).toMatchObject({ 3: { kind: 'unknown' } });
  expect(of('postgres:bookworm')).toMatchObject({ 3: { kind: 'floating' } });
  expect(of(`postgres:${unknownMark}`)).toMatchObject({ 1: 'postgres', 3: { kind: 'unknown' } });
  expect(of(`${unknownMark}/postgres:16`)).toMatchObject({ 1: 'postgres', 3: { major: 16 } });
  expect(of(`${unknownMark}postgres:16`)).toBeUndefined();
  expect(of(unknownMark)).toBeUndefined();
  expect(of('')).toBeUndefined();
});

it('reads commands, paths and names', () => {
  expect(shellWords(`redis-server --save "" --dir '/a b' x\\ y "q\\"r"`)).toEqual([
    'redis-server',
    '--save',
    '',
    '--dir',
    '/a b',
    'x y',
    'q\\"r',
  ]);
  expect(containerPath('/a//b/./../c/')).toBe('/a/c');
  expect(containerPath('/..')).toBe('/');
  expect(isWithin('/data', '/data/db')).toBe(true);
  expect(isWithin('/data', '/database')).toBe(false);
  expect(isWithin('/', '/x')).toBe(true);
  expect(normalName('My Project.v2')).toBe('myprojectv2');
  expect(normalName('_-x')).toBe('x');
});
