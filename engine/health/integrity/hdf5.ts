import { formatBytes } from '../../../shared/format.ts';
import { damaged, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/** Where the superblock begins: at 0, 512, 1024 and so on; undefined when it is at none of these. */
function superblockAt(bytes: Bytes): number | undefined {
  for (let at = 0; at < bytes.size; at = at === 0 ? 512 : at * 2) {
    if (bytes.read(at, 8).equals(signature)) return at;
  }
  return undefined;
}

export function isHdf5(bytes: Bytes): boolean {
  return bytes.read(0, 8).equals(signature);
}

/**
 * HDF5: the superblock says where the file ends, counted from its beginning (HDF5 File Format Specification 3.0, II.A;
 * `H5F__super_read` refuses a file that is shorter, and takes one that is longer).
 */
export function lookAtHdf5(bytes: Bytes): Verdict {
  const at = superblockAt(bytes);
  if (at === undefined) return damaged('does not begin as an HDF5 file');
  const block = bytes.read(at, 128);
  const version = block[8] ?? 255;
  if (version > 3) return unknown(`is of a version of HDF5 that is not known here`);
  const width = block[version < 2 ? 13 : 9] ?? 0;
  if (width !== 4 && width !== 8) return damaged('has a superblock that makes no sense');
  const base = version === 0 ? 24 : version === 1 ? 28 : 12;
  const place = base + 2 * width;
  if (block.length < place + width) return damaged('ends within its superblock');
  const end = width === 8 ? Number(block.readBigUInt64LE(place)) : block.readUInt32LE(place);
  if (end > bytes.size) return damaged(`ends ${formatBytes(end - bytes.size)} early`);
  return whole;
}
