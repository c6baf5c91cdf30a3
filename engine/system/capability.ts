import { homedir, hostname } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { displayName } from '../../shared/path-text.ts';
import { comparePaths } from '../../shared/path-text.ts';
import type { Capability, EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { runDoctor } from './doctor.ts';
import type { Notices } from './notices.ts';

export interface SystemOptions {
  readonly context: EngineContext;
  readonly notices: Notices;
  readonly version: string;
  readonly canCompressZstd: boolean;
}

/** The `system` domain: what this Larder is, its self-check, and folders to choose from. */
export function createSystem({ context, notices, version, canCompressZstd }: SystemOptions): Capability<'system'> {
  return {
    handlers: {
      info: () => ({
        version,
        platform: process.platform,
        node: process.versions.node,
        hostname: hostname(),
        userHome: homedir(),
        home: context.home,
        zstd: canCompressZstd,
        separator: sep === '\\' ? '\\' : '/',
        notices: notices.list(),
      }),
      async doctor() {
        const checks = await runDoctor(context, canCompressZstd);
        return { ok: checks.every((check) => check.status !== 'fail'), checks };
      },
      browse({ path, hidden }) {
        const asked = path ?? homedir();
        try {
          const real = context.fs.realPath(asked);
          const folders = context.fs
            .readDirectory(real)
            .filter((entry) => entry.kind === 'dir' && (hidden || !entry.name.startsWith('.')))
            .sort((a, b) => comparePaths(a.name.toLowerCase(), b.name.toLowerCase()))
            .map((entry) => {
              const folder = join(real, entry.name);
              return { name: displayName(entry.name), path: folder, readable: isReadable(context, folder) };
            });
          const parent = dirname(real);
          return { path: real, ...(parent === real ? {} : { parent }), folders };
        } catch (error) {
          throw toLarderError(error, asked);
        }
      },
      dismissNotice({ id }) {
        notices.dismiss(id);
        return { notices: notices.list() };
      },
    },
  };
}

function isReadable(context: EngineContext, folder: string): boolean {
  try {
    context.fs.close(context.fs.open(folder, 'r'));
    return true;
  } catch {
    return false;
  }
}
