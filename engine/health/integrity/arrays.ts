import { formatBytes } from '../../../shared/format.ts';
import { damaged, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

const mostHeader = 1024 * 1024;

/** npy: magic, version, header, then shape × type bytes (numpy.lib.format). */
export function lookAtNpy(bytes: Bytes): Verdict {
  const start = bytes.read(0, 12);
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') return damaged('does not begin as an npy file');
  if (start.length < 12) return damaged('ends within its header');
  const major = start[6] ?? 0;
  if (major < 1 || major > 3) return unknown('is of a version of npy that is not known here');
  const headerAt = major === 1 ? 10 : 12;
  const length = major === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  if (headerAt + length > bytes.size) return damaged('ends within its header');
  if (length > mostHeader) return unknown(`has a header of ${formatBytes(length)}`);
  const header = bytes.read(headerAt, length).toString('latin1');
  const type = /'descr':\s*'[<>|=]?([a-zA-Z])(\d+)?'/.exec(header);
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(header);
  if (shape === null) return damaged('has a header that makes no sense');
  // Records of several fields, and objects, which are pickled.
  if (type === null || type[1] === 'O') return unknown('holds records or objects');
  const itemBytes = Number(type[2] ?? 1) * (type[1] === 'U' ? 4 : 1);
  const items = (shape[1] ?? '')
    .split(',')
    .reduce((product, each) => (each.trim() === '' ? product : product * Number(each)), 1);
  const missing = headerAt + length + items * itemBytes - bytes.size;
  return missing > 0 ? damaged(`ends ${formatBytes(missing)} early`) : whole;
}

/** Parquet: `PAR1` at both ends (`PARE` of an encrypted footer), the footer's length before the last one (parquet-format, README). */
export function lookAtParquet(bytes: Bytes): Verdict {
  const start = bytes.read(0, 4).toString('latin1');
  if (start !== 'PAR1' && start !== 'PARE') return damaged('does not begin as a Parquet file');
  const end = bytes.read(Math.max(4, bytes.size - 8), 8);
  if (end.length < 8 || end.toString('latin1', 4) !== start) return damaged('ends before its footer');
  return end.readUInt32LE() + 12 > bytes.size ? damaged('has a footer that makes no sense') : whole;
}
