import type { FileFormat } from '../file-names.ts';
import { lookAtNpy, lookAtParquet } from './arrays.ts';
import { damaged, other, unknown } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';
import { lookAtGguf } from './gguf.ts';
import { isHdf5, lookAtHdf5 } from './hdf5.ts';
import { isPickle, lookAtPickle } from './pickle.ts';
import { lookAtSafetensors } from './safetensors.ts';
import { lookAtSqlite } from './sqlite.ts';
import { isZip, lookAtZip } from './zip.ts';

/** Room is often made for a download before it comes: a file that begins with so many zeros never came. */
const zeros = Buffer.alloc(4096);

function isBlank(bytes: Bytes): boolean {
  const start = bytes.read(0, zeros.length);
  return start.equals(zeros.subarray(0, start.length));
}

/** What header and size of a file say of it. Reads a few kilobytes of most. */
export function lookAt(bytes: Bytes, format: FileFormat): Verdict {
  if (bytes.size === 0) return other;
  const verdict = byFormat(bytes, format);
  // Of a name that may be anything, zeros say nothing.
  const isSure = format !== 'content' && format !== 'bin' && format !== 'sqlite';
  return verdict.state !== 'whole' && isSure && isBlank(bytes)
    ? damaged('holds nothing but zeros at its beginning')
    : verdict;
}

const oldTorch = 'is of the old PyTorch format';
/** The pickled number such a file begins with (`MAGIC_NUMBER` in torch/serialization.py). */
const torchMagic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

function isOldTorch(bytes: Bytes): boolean {
  return bytes.read(0, torchMagic.length).equals(torchMagic);
}

function byFormat(bytes: Bytes, format: FileFormat): Verdict {
  switch (format) {
    case 'safetensors':
      return lookAtSafetensors(bytes);
    case 'gguf':
      return lookAtGguf(bytes);
    case 'hdf5':
      return lookAtHdf5(bytes);
    case 'keras':
      return isHdf5(bytes) ? lookAtHdf5(bytes) : lookAtZip(bytes);
    case 'zip':
      return lookAtZip(bytes);
    case 'npy':
      return lookAtNpy(bytes);
    case 'parquet':
      return lookAtParquet(bytes);
    case 'pickle':
      return lookAtPickle(bytes);
    case 'sqlite':
      return lookAtSqlite(bytes);
    case 'bin':
      return isZip(bytes) ? lookAtZip(bytes) : isOldTorch(bytes) ? unknown(oldTorch) : other;
    case 'torch':
      if (isZip(bytes)) return lookAtZip(bytes);
      // Weights follow the pickles of an old file, so that its end says nothing.
      return isPickle(bytes) ? unknown(oldTorch) : other;
    case 'content':
      if (bytes.read(0, 4).toString('latin1') === 'GGUF') return lookAtGguf(bytes);
      if (bytes.read(8, 1).toString('latin1') === '{') return lookAtSafetensors(bytes);
      if (isZip(bytes)) return lookAtZip(bytes);
      return isHdf5(bytes) ? lookAtHdf5(bytes) : other;
  }
}
