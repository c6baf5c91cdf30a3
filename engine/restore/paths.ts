import { encodeName } from '../fs/index.ts';

/** Folder in a target's root where a restore keeps what it replaced, and its journals. */
export const undoFolder = '.larder-undo';

/** Names that Windows takes for devices, with any extension (Microsoft: "Naming Files, Paths, and Namespaces"). */
const reservedName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/**
 * Why a path of a manifest must not be written, or undefined when it may. A manifest may come from anywhere, so no path
 * in it is trusted. What only Windows takes for special (`C:x`, `a\b`, `NUL.txt`) is refused there and an ordinary name
 * elsewhere.
 */
export function refusePath(path: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (path === '') return undefined;
  if (path.includes('\0')) return 'the name holds a NUL character';
  if (path.startsWith('/')) return 'the path is absolute';
  for (const name of path.split('/')) {
    if (name === '') return 'the path has an empty part';
    if (name === '.' || name === '..') return 'the path leads out of the folder';
    if (platform === 'win32') {
      const reason = refuseWindowsName(name);
      if (reason !== undefined) return reason;
    }
  }
  if (path === undoFolder || path.startsWith(`${undoFolder}/`)) return 'the folder belongs to Larder itself';
  try {
    encodeName(path);
  } catch {
    return 'the name stands for no bytes a disk can hold';
  }
  return undefined;
}

function refuseWindowsName(name: string): string | undefined {
  if (name.includes('\\')) return 'the name holds a backslash';
  if (/^[a-z]:/i.test(name)) return 'the path names a drive';
  if (reservedName.test(name)) return 'Windows reserves the name for a device';
  if (/[<>:"|?*\u0001-\u001f]/.test(name)) return 'Windows does not allow a character of the name';
  if (/[. ]$/.test(name)) return 'Windows does not allow a name to end like this';
  return undefined;
}

/** Path of the folder a path lies in; `''` for a path in the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folders a path lies in, from the top, the root left out. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    above.push(path.slice(0, slash));
  return above;
}

/** Whether a path, or a folder it lies in, is one of `protectedPaths`; `''` there protects everything. */
export function isProtected(protectedPaths: ReadonlySet<string>, path: string): boolean {
  if (protectedPaths.has('') || protectedPaths.has(path)) return true;
  return foldersAbove(path).some((folder) => protectedPaths.has(folder));
}

/** An absolute path: `relative` below `root`. */
export function below(root: string, relative: string): string {
  if (relative === '') return root;
  return root.endsWith('/') ? root + relative : `${root}/${relative}`;
}

/** `path` relative to `root` when it lies in it (`''` for the root itself), or undefined. */
export function relativeTo(root: string, path: string): string | undefined {
  if (path === root) return '';
  const prefix = root.endsWith('/') ? root : `${root}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** Which paths were chosen: the files and folders named, everything below them, and, implied, the folders above. */
export class Selection {
  readonly all: boolean;
  readonly chosen: ReadonlySet<string>;
  private readonly above: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    const cleaned = paths.map((path) => path.replace(/\/+$/, ''));
    this.chosen = new Set(cleaned);
    this.all = cleaned.length === 0 || this.chosen.has('');
    const above = new Set<string>(['']);
    for (const path of cleaned) for (const folder of foldersAbove(path)) above.add(folder);
    this.above = above;
  }

  /** `in`: chosen; `above`: a folder that something chosen lies in; `out`: neither. */
  of(path: string): 'in' | 'above' | 'out' {
    if (this.all || this.chosen.has(path)) return 'in';
    for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
      if (this.chosen.has(path.slice(0, at))) return 'in';
      if (at === 0) break;
    }
    return this.above.has(path) ? 'above' : 'out';
  }
}
