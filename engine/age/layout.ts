import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { payloadLayout, payloadNonceBytes } from './chunks.ts';
import type { PayloadLayout } from './chunks.ts';
import { corrupt, cutOff, headerProblem } from './errors.ts';
import { parseHeader } from './header.ts';
import type { Header } from './header.ts';

/** What an age file tells without a key. */
export interface AgeLayout extends PayloadLayout {
  readonly header: Header;
}

/** A hundred recipients take 12 KiB; post-quantum ones two each. */
const maxHeader = 256 * 1024;
const firstRead = 4 * 1024;

function readSome(fs: FileSystem, fd: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const got = fs.read(fd, bytes, done, length - done, done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

function readHeader(fs: FileSystem, fd: number, path: string): Header {
  for (const length of [firstRead, maxHeader]) {
    const bytes = readSome(fs, fd, length);
    let header: Header | undefined;
    try {
      header = parseHeader(bytes);
    } catch (error) {
      throw headerProblem(error, path);
    }
    if (header !== undefined) return header;
    if (bytes.length < length) throw corrupt(path, cutOff, 'truncated');
  }
  throw corrupt(path, 'has a header larger than any that is known', 'structure');
}

/** Reads the header of the file open as `fd`. Throws `CORRUPT` or `UNSUPPORTED` naming `path`. */
export function readLayout(fs: FileSystem, fd: number, path: string): AgeLayout {
  try {
    const header = readHeader(fs, fd, path);
    return { header, ...payloadLayout(Number(fs.fstat(fd).size) - header.length - payloadNonceBytes) };
  } catch (error) {
    throw toLarderError(error, path);
  }
}

/** Plain bytes of the age file at `path`, as far as its length tells; needs no key. Throws as reading it does. */
export function plainSizeOf(fs: FileSystem, path: string): number {
  return withOpen(fs, path, (fd) => readLayout(fs, fd, path).size);
}

export function withOpen<T>(fs: FileSystem, path: string, act: (fd: number) => T): T {
  let fd: number;
  try {
    fd = fs.open(path, 'r');
  } catch (error) {
    throw toLarderError(error, path);
  }
  try {
    return act(fd);
  } finally {
    fs.close(fd);
  }
}
