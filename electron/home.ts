import { join, resolve } from 'node:path';
import { toLarderError } from '../engine/fs/index.ts';
import type { FileSystem } from '../engine/fs/index.ts';
import { LarderError } from '../shared/contract/index.ts';
import { displayName } from '../shared/path-text.ts';

/**
 * Makes sure that Larder's folder and the browser's profile within it are there and can be written, before anything
 * relies on them. The profile has its own folder, so that Chromium's files do not lie among Larder's.
 *
 * Throws a `LarderError` whose hint says what to do.
 */
export function prepareHome(fs: FileSystem, path: string): { home: string; profile: string } {
  const home = resolve(path);
  const profile = join(home, 'desktop');
  const probe = join(home, `.larder-probe-${process.pid}`);
  try {
    fs.makeDirectory(home, { recursive: true, mode: 0o700 });
    fs.makeDirectory(profile, { recursive: true, mode: 0o700 });
    fs.close(fs.open(probe, 'w', 0o600));
    fs.unlink(probe);
  } catch (error) {
    const { code, message } = toLarderError(error, home);
    throw new LarderError(code, message, {
      hint: `Larder keeps its settings and job log in ${displayName(home)}. Make that folder writable, or name another in LARDER_HOME.`,
      cause: error,
    });
  }
  return { home, profile };
}
