import { resolve } from 'node:path';
import type { KeyFiles } from '../secrets/index.ts';

/** The files of keys that the environment names, for runs nobody watches: `LARDER_PASSPHRASE_FILE`, `LARDER_IDENTITY_FILE`. */
export function keyFilesIn(env: Readonly<Record<string, string | undefined>>, cwd: string): KeyFiles {
  const named = (name: string): string | undefined => {
    const value = env[name];
    return value === undefined || value === '' ? undefined : resolve(cwd, value);
  };
  return { passphraseFile: named('LARDER_PASSPHRASE_FILE'), identityFile: named('LARDER_IDENTITY_FILE') };
}
