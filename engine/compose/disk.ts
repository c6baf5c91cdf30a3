import { basename, dirname, extname, join, resolve } from 'node:path';
import { comparePaths } from '../../shared/path-text.ts';
import { isLarderError } from '../../shared/contract/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { isNetworkType, mountOf, parseMountInfo } from '../usage/index.ts';
import type { Mount } from '../usage/index.ts';
import { decode, readSmall } from './files.ts';
import { usualFolders } from './find.ts';
import type { DiskFacts, ScriptLine } from './rules/context.ts';

const maxScripts = 100;
const scriptName = /^(?:Makefile|makefile|GNUmakefile|justfile|Justfile|Taskfile\.ya?ml|package\.json)$/;
const scriptExtensions = new Set(['.sh', '.bash', '.zsh', '.ps1', '.bat', '.cmd', '.mk']);
const scriptFolders = ['', 'scripts', 'script', 'bin', 'tools', 'docker', 'deploy'];
/** File systems through which Windows' disks are seen from Linux: WSL, Docker Desktop, virtual machines. */
const windowsTypes = new Set([
  '9p',
  'drvfs',
  'vboxsf',
  'prl_fs',
  'vmhgfs',
  'fuse.vmhgfs-fuse',
  'ntfs',
  'ntfs3',
  'fuseblk',
  'exfat',
  'vfat',
  'msdos',
]);

/** What a disk says; `platform` is Node's. */
export function diskFacts(fs: FileSystem, platform: NodeJS.Platform): DiskFacts {
  let table: Mount[] | undefined;
  const mounts = (): Mount[] => (table ??= readTable(fs));
  return {
    owner(path) {
      if (platform === 'win32' || platform === 'darwin') return undefined;
      try {
        const { uid, gid, mode } = fs.stat(path);
        return { uid: Number(uid), gid: Number(gid), mode: Number(mode) & 0o7777 };
      } catch (error) {
        if (isSystemError(error)) return undefined;
        throw error;
      }
    },
    fileSystem(path) {
      if (platform === 'win32') return { kind: 'windows', type: 'NTFS' };
      const type = mountOf(mounts(), realPath(fs, path))?.type;
      if (type === undefined || type === '') return undefined;
      if (windowsTypes.has(type)) return { kind: 'windows', type };
      return { kind: isNetworkType(type) ? 'network' : 'local', type };
    },
    real: (path) => realPath(fs, path),
    scripts: (folder) => scriptsIn(fs, folder),
  };
}

function readTable(fs: FileSystem): Mount[] {
  try {
    return parseMountInfo(fs.readFile('/proc/self/mountinfo'));
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** The real path of what is there, with the rest of the path after it. */
function realPath(fs: FileSystem, path: string): string {
  const absolute = resolve(path);
  for (let at = absolute; ; at = dirname(at)) {
    try {
      return resolve(fs.realPath(at), absolute.slice(at.length).replace(/^[/\\]+/, ''));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (dirname(at) === at) return absolute;
    }
  }
}

function scriptsIn(fs: FileSystem, folder: string): ScriptLine[] {
  const found: ScriptLine[] = [];
  let read = 0;
  // Of a project whose compose files have a folder of their own, scripts mostly lie above.
  const roots = usualFolders.includes(basename(folder)) ? [folder, dirname(folder)] : [folder];
  const folders = new Set(roots.flatMap((root) => scriptFolders.map((name) => join(root, name))));
  for (const path of folders) {
    for (const file of scriptFiles(fs, path)) {
      if (read >= maxScripts) return found;
      read++;
      try {
        found.push(...removals(file, decode(file, readSmall(fs, file))));
      } catch (error) {
        // Not a text, too large, or not ours to read: nothing can be said about it.
        if (!isLarderError(error)) throw error;
      }
    }
  }
  return found;
}

function scriptFiles(fs: FileSystem, folder: string): string[] {
  try {
    return fs
      .readDirectory(folder)
      .filter(
        ({ name, kind }) =>
          kind === 'file' && (scriptName.test(name) || scriptExtensions.has(extname(name).toLowerCase())),
      )
      .map(({ name }) => join(folder, name))
      .sort(comparePaths);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

/** `docker compose down -v`, `docker-compose … down --volumes`, `docker system prune … --volumes`, `docker volume prune`. */
const downLine = /\bdocker(?:-compose|\s+compose)\b(?:\s+[^\s;&|]+)*?\s+down\b((?:\s+[^\s;&|"']+)*)/;
const pruneLine = /\bdocker\s+(?:system\s+prune\b(?=[^;&|]*\s--volumes\b)|volume\s+prune\b)((?:\s+[^\s;&|"']+)*)/;
const maxLineLength = 2_000;

/** Lines of a script that remove volumes. Comments and what is only printed do not count. */
export function removals(file: string, text: string): ScriptLine[] {
  const found: ScriptLine[] = [];
  let offset = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const from = offset;
    offset += raw.length + 1;
    if (raw.length > maxLineLength || !raw.includes('docker')) continue;
    if (/^\s*(?:#|\/\/|::|rem\s|@?echo\s|printf\s|write-host\s)/i.test(raw)) continue;
    const code = raw.replace(/\s#.*$/, '');
    const down = downLine.exec(code);
    const flag = down === null ? null : /\s(?:-[a-z]*v[a-z]*|--volumes)(?=\s|$)/.exec(down[1] ?? '');
    if (down !== null && flag !== null) {
      const start = from + down.index + down[0].length - (down[1] ?? '').length + flag.index;
      found.push({
        file,
        line: index + 1,
        column: down.index + 1,
        text: raw,
        what: 'down',
        start,
        end: start + flag[0].length,
      });
      continue;
    }
    const prune = pruneLine.exec(code);
    if (prune === null) continue;
    const volumes = /\s--volumes\b/.exec(prune[0]);
    const start = from + prune.index + (volumes?.index ?? 0);
    const end = volumes === null ? start : start + volumes[0].length;
    found.push({ file, line: index + 1, column: prune.index + 1, text: raw, what: 'prune', start, end });
  }
  return found;
}
