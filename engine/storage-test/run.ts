import type { StorageCheck } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { formatQuantity } from '../../shared/format.ts';
import { isSystemError, reasonOf, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { currentProcess } from '../process/index.ts';
import { checkArea } from './area.ts';
import type { TestedArea } from './area.ts';
import { checkMount, mountAt, mountsOf } from './mount.ts';
import { checkSpace } from './space.ts';
import { checkSpeed } from './speed.ts';
import { isLeftOver, temporaryName } from './temporary-name.ts';

export interface StorageTestRequest {
  /** Real path of the root, or where it should be. */
  readonly root: string;
  /** Without the root. */
  readonly areas: readonly TestedArea[];
  /** Permission the layout wants of the root, in octal. */
  readonly rootMode?: string | undefined;
  readonly nowMs: number;
  readonly windows: boolean;
}

export interface StorageTestProgress {
  readonly done: number;
  readonly total: number;
  readonly current: string;
}

/** Tests a store. Whatever happens, what it made is removed again; what a killed test left is removed first. */
export function testStorage(
  fs: FileSystem,
  request: StorageTestRequest,
  { check, progress }: { check: () => void; progress: (progress: StorageTestProgress) => void },
): StorageCheck[] {
  const made = new Set<string>();
  const here = currentProcess();
  const temporary = (folder: string): string => {
    const path = `${folder}/${temporaryName(here)}`;
    made.add(path);
    return path;
  };
  const { root } = request;
  const areas = [
    {
      path: '',
      required: true,
      mode: request.rootMode,
      live: request.areas.some(({ live, path }) => live && path === ''),
    },
    ...request.areas.filter(({ path }) => path !== ''),
  ];
  const total = areas.length + 2;
  const checks: StorageCheck[] = [];
  const there: string[] = [];
  try {
    const leftovers = removeLeftOvers(fs, root, areas, request.nowMs);
    for (const [done, area] of areas.entries()) {
      check();
      progress({ done, total, current: area.path });
      const found = checkArea({ fs, root, temporary, windows: request.windows }, area);
      checks.push(...found);
      if (found[0]?.status === 'pass') there.push(area.path);
      if (area.path === '' && found[0]?.status !== 'pass') return checks;
    }
    checks.push(...leftovers, ...checkMounts(fs, root, there));
    check();
    progress({ done: areas.length, total, current: '' });
    checks.push(...checkDisk(fs, root, temporary, checks, check));
    progress({ done: total, total, current: '' });
    return checks;
  } finally {
    for (const path of made) remove(fs, path);
  }
}

function remove(fs: FileSystem, path: string): boolean {
  try {
    fs.unlink(path);
    return true;
  } catch (error) {
    // It was never made, or is removed already; on a disk that fails, the next test tries again.
    if (isSystemError(error)) return false;
    throw error;
  }
}

function removeLeftOvers(fs: FileSystem, root: string, areas: readonly TestedArea[], nowMs: number): StorageCheck[] {
  const here = currentProcess();
  let removed = 0;
  let left = 0;
  for (const { path: area } of areas) {
    const folder = area === '' ? root : `${root}/${area}`;
    try {
      for (const name of fs.readNames(folder)) {
        if (!name.startsWith('.larder-test-')) continue;
        const path = `${folder}/${name}`;
        const stats = fs.lstat(path);
        if (!stats.isFile() || !isLeftOver(name, Number(stats.mtimeMs), nowMs, here)) continue;
        if (remove(fs, path)) removed += 1;
        else left += 1;
      }
    } catch (error) {
      // A folder that cannot be listed is told about where it is tested.
      if (!isSystemError(error)) throw error;
    }
  }
  if (removed + left === 0) return [];
  return [
    {
      id: 'leftovers',
      title: 'Left by an earlier test',
      status: left === 0 ? 'pass' : 'warn',
      evidence:
        `Removed ${formatQuantity(removed, 'file')} that a test left when it was ended in the middle` +
        (left === 0 ? '.' : `; ${formatQuantity(left, 'other')} could not be removed.`),
      ...(left === 0 ? {} : { next: 'Remove files called .larder-test-… as their owner.' }),
    },
  ];
}

/** The root's mount, and any other that an area lies on. */
function checkMounts(fs: FileSystem, root: string, areas: readonly string[]): StorageCheck[] {
  let table: ReturnType<typeof mountsOf>;
  try {
    table = mountsOf(fs.readFile('/proc/self/mountinfo'));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [checkMount(undefined, { hasTable: false })];
  }
  const own = mountAt(table, root);
  const checks = [checkMount(own, { hasTable: true })];
  for (const area of areas) {
    if (area === '') continue;
    const mount = mountAt(table, `${root}/${area}`);
    if (mount !== undefined && mount.mountPoint !== own?.mountPoint) {
      checks.push(checkMount(mount, { hasTable: true, area }));
    }
  }
  return checks;
}

function checkDisk(
  fs: FileSystem,
  root: string,
  temporary: (folder: string) => string,
  before: readonly StorageCheck[],
  check: () => void,
): StorageCheck[] {
  const about = { id: 'speed', title: 'Speed' };
  try {
    const { blocks, bavail, bsize, files, ffree } = fs.statfs(root);
    const free = Math.max(0, bavail * bsize);
    const checks = checkSpace({
      capacity: blocks * bsize,
      free,
      ...(files > 0 ? { inodes: { total: files, free: Math.max(0, ffree) } } : {}),
    });
    if (before.find(({ id }) => id === 'write')?.status !== 'pass') {
      return [
        ...checks,
        { ...about, status: 'skip', evidence: 'Cannot tell: the folder itself cannot be written to.' },
      ];
    }
    const path = temporary(root);
    try {
      return [...checks, checkSpeed(fs, path, free, check)];
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const evidence = `${displayName(root)} ${reasonOf(error)} while its speed was measured.`;
      const { hint } = toLarderError(error, root);
      return [...checks, { ...about, status: 'fail', evidence, next: hint ?? 'Check the disk.' }];
    } finally {
      remove(fs, path);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [
      { id: 'space', title: 'Free space', status: 'skip', evidence: `Cannot tell: its disk ${reasonOf(error)}.` },
    ];
  }
}
