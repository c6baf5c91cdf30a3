import type { Directories } from './directories.ts';
import { header, recordStatus } from './record.ts';

/** Records of a scan of some directories with all below them, which have the scan ids 0 to `parents.length - 1`. */
export interface ScannedRecords {
  chunks: readonly ArrayBuffer[];
  /** Directories scanned, as many as there are scan ids. */
  directories: number;
  /** Rows the tops go below; -1 for the root of a store. */
  parents: readonly number[];
}

/**
 * Makes rows of scanned directories and adds their figures up to the root; hard links are left to `learn`, which is
 * called for each new row. The newest change above the tops is left to the caller.
 */
export function addScanned(
  into: Directories,
  { chunks, directories, parents }: ScannedRecords,
  learn: (row: number) => void,
): void {
  const { records, columns } = into;
  const chunkOf = new Int32Array(directories).fill(-1);
  const offsetOf = new Uint32Array(directories);
  for (const chunk of chunks) {
    const buffer = Buffer.from(chunk);
    const index = records.addChunk(buffer);
    for (let at = 0; at < buffer.length; at += header.length(buffer, at)) {
      const id = header.id(buffer, at);
      chunkOf[id] = index;
      offsetOf[id] = at;
    }
  }
  const rows = new Int32Array(directories).fill(-1);
  for (let scanId = 0; scanId < directories; scanId++) {
    const buffer = records.chunk(chunkOf[scanId] ?? -1);
    if (buffer === undefined) continue;
    const at = offsetOf[scanId] ?? 0;
    const top = scanId < parents.length;
    const isRoot = top && parents[scanId] === -1;
    if (header.status(buffer, at) === recordStatus.gone && !isRoot) continue;
    const parent = top ? (parents[scanId] ?? -1) : (rows[header.parent(buffer, at)] ?? -1);
    if (parent < 0 && !isRoot) continue;
    const row = into.add(parent, chunkOf[scanId] ?? -1, at);
    rows[scanId] = row;
    if (top) into.forgetNames(parent);
    const own = into.recordFigures(row);
    columns.bytes[row] = own.bytes;
    columns.allocated[row] = own.allocated;
    columns.files[row] = own.files;
    columns.ownNewest[row] = columns.newest[row] = header.newest(buffer, at);
    columns.ownOldest[row] = header.oldest(buffer, at);
    learn(row);
  }
  for (let scanId = directories - 1; scanId >= 0; scanId--) {
    const row = rows[scanId] ?? -1;
    const parent = row < 0 ? -1 : (columns.parent[row] ?? -1);
    if (parent < 0) continue;
    const sum = into.figures(row);
    sum.dirs += 1;
    if (scanId < parents.length) {
      into.move(parent, sum, 1);
      continue;
    }
    columns.bytes[parent] = (columns.bytes[parent] ?? 0) + sum.bytes;
    columns.allocated[parent] = (columns.allocated[parent] ?? 0) + sum.allocated;
    columns.files[parent] = (columns.files[parent] ?? 0) + sum.files;
    columns.dirs[parent] = (columns.dirs[parent] ?? 0) + sum.dirs;
    columns.newest[parent] = Math.max(columns.newest[parent] ?? 0, sum.newest);
  }
}
