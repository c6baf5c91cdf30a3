import { formatBytes } from '../../../shared/format.ts';
import { damaged, other, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

/** SQLite: page size at 16, pages at 28, which hold when the counters at 24 and 92 agree (sqlite.org/fileformat2.html, 1.3). */
export function lookAtSqlite(bytes: Bytes): Verdict {
  const header = bytes.read(0, 100);
  // Many programs call their own files .db.
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') return other;
  if (header.length < 100) return damaged('ends within its header');
  const raw = header.readUInt16BE(16);
  const pageSize = raw === 1 ? 65_536 : raw;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) return damaged('has a header that makes no sense');
  const pages = header.readUInt32BE(28);
  if (pages === 0 || header.readUInt32BE(24) !== header.readUInt32BE(92)) {
    return bytes.size % pageSize === 0
      ? unknown('was last written by a SQLite that does not note its size')
      : damaged('ends within a page');
  }
  const missing = pages * pageSize - bytes.size;
  if (missing > 0) return damaged(`ends ${formatBytes(missing)} early`);
  return whole;
}
