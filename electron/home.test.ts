import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../engine/fs/index.ts';
import { prepareHome } from './home.ts';

describe('prepareHome', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'larder-home-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes the folders for the owner alone and leaves nothing else', () => {
    const { home, profile } = prepareHome(nodeFs, join(folder, 'a', 'b'));
    expect(readdirSync(home)).toEqual(['desktop']);
    expect(readdirSync(profile)).toEqual([]);
    for (const path of [home, profile]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(prepareHome(nodeFs, home)).toEqual({ home, profile });
  });

  it('says which folder is at fault and what to do', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => prepareHome(nodeFs, join(folder, 'file', 'home'))).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', hint: expect.stringContaining('LARDER_HOME') as string }),
    );
  });

  it.each(['EACCES', 'EROFS', 'ENOSPC'])('says so when nothing can be written (%s)', (errno) => {
    const refusing = {
      ...nodeFs,
      open(path: string): number {
        throw Object.assign(new Error(errno), { code: errno, path });
      },
    };
    expect(() => prepareHome(refusing, folder)).toThrow(expect.objectContaining({ name: 'LarderError' }));
  });
});
