import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/index.ts';
import { nodeFs, toLarderError, writeFileDurable } from './index.ts';
import type { FileSystem } from './index.ts';

describe('writeFileDurable', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'settings.json');
    writeFileSync(path, 'old');
  });
  afterEach(() => folder.remove());

  it('replaces the content and leaves nothing else', () => {
    writeFileDurable(nodeFs, path, Buffer.from('new'));
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder.path)).toEqual(['settings.json']);
    expect(Number(nodeFs.stat(path).mode & 0o777n)).toBe(0o600);
  });

  it('syncs the file before the rename and the folder after it', () => {
    const steps: string[] = [];
    const noting =
      <A extends unknown[]>(step: string, work: (...input: A) => void) =>
      (...input: A): void => {
        steps.push(step);
        work(...input);
      };
    const watching: FileSystem = {
      ...nodeFs,
      fsync: noting('fsync', nodeFs.fsync),
      rename: noting('rename', nodeFs.rename),
      fsyncDirectory: noting('fsync folder', nodeFs.fsyncDirectory),
    };
    writeFileDurable(watching, path, Buffer.from('new'));
    expect(steps).toEqual(['fsync', 'rename', 'fsync folder']);
  });

  it.each(['open', 'write', 'fsync', 'rename'] as const)('keeps the old content when %s fails', (step) => {
    const failing: FileSystem = {
      ...nodeFs,
      [step]: () => {
        throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', path });
      },
    };
    expect(() => writeFileDurable(failing, path, Buffer.from('new'))).toThrow('ENOSPC');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder.path)).toEqual(['settings.json']);
  });
});

describe('toLarderError', () => {
  it.each([
    ['ENOENT', 'NOT_FOUND', '/x is not there.'],
    ['EACCES', 'PERMISSION', '/x may not be accessed by this user.'],
    ['ENOSPC', 'NO_SPACE', '/x has no space left on its disk.'],
    ['EIO', 'CORRUPT', '/x could not be read: the disk reported an error.'],
    ['EWEIRD', 'INTERNAL', '/x failed with EWEIRD.'],
  ])('%s becomes %s', (errno, code, message) => {
    const error = toLarderError(Object.assign(new Error(errno), { code: errno }), '/x');
    expect(error).toMatchObject({ code, message });
  });

  it.each([
    [13, 'NO_SPACE'],
    [4874, 'NO_SPACE'],
    [10, 'CORRUPT'],
    [5, 'BUSY'],
  ])('SQLite result code %i becomes %s', (errcode, code) => {
    const error = toLarderError(Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode }));
    expect(error).toMatchObject({ code });
  });
});
