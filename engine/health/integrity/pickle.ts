import { damaged, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

const protocolOpcode = 0x80;
const stopOpcode = 0x2e;
const newestProtocol = 5;

export function isPickle(bytes: Bytes): boolean {
  const start = bytes.read(0, 2);
  return start[0] === protocolOpcode && (start[1] ?? 255) <= newestProtocol;
}

/**
 * pickle (protocol 2 and later) begins with PROTO and ends with STOP (Lib/pickletools.py). Never loaded. joblib may
 * compress, and protocols 0 and 1 have no mark at the beginning; of these nothing is told.
 */
export function lookAtPickle(bytes: Bytes): Verdict {
  if (!isPickle(bytes)) return unknown('is compressed, or of an old protocol');
  return bytes.read(bytes.size - 1, 1)[0] === stopOpcode ? whole : damaged('ends before its last instruction');
}
