import { randomFillSync } from 'node:crypto';
import { constants } from 'node:fs';
import type { StorageCheck } from '../../shared/contract/index.ts';
import { formatBytes, formatRate } from '../../shared/format.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** Each of writing and reading takes about this long. */
const eachMs = 450;
const stepBytes = 4 * 1024 * 1024;
const mostBytes = 256 * 1024 * 1024;
/** The test never takes more than this share of what is free. */
const shareOfFree = 0.1;
/** Slower than this, working with models is no pleasure. */
const slow = 1_000_000;
const pageBytes = 4096;

interface Measured {
  readonly writtenPerSecond: number;
  readonly readPerSecond: number;
  readonly bytes: number;
  /** Whether reading went past the page cache. */
  readonly direct: boolean;
}

/**
 * Where in a buffer reads past the page cache may begin: such reads want memory aligned as the disk wants it
 * (open(2), O_DIRECT), and where JavaScript's memory lies is found out by trying. Undefined when nothing works.
 */
function alignedStart(fs: FileSystem, fd: number, buffer: Uint8Array): number | undefined {
  for (let start = 0; start < pageBytes; start += 16) {
    try {
      fs.read(fd, buffer, start, pageBytes, 0);
      return start;
    } catch (error) {
      if (!isSystemError(error, 'EINVAL')) throw error;
    }
  }
  return undefined;
}

function openDirect(fs: FileSystem, path: string): number | undefined {
  const { O_DIRECT } = constants as Partial<typeof constants>;
  if (O_DIRECT === undefined) return undefined;
  try {
    return fs.open(path, constants.O_RDONLY | O_DIRECT);
  } catch (error) {
    // The file system has no such way (tmpfs, some network file systems).
    if (isSystemError(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) return undefined;
    throw error;
  }
}

function readBack(fs: FileSystem, path: string, bytes: number): { perSecond: number; direct: boolean } {
  const buffer = new Uint8Array(stepBytes + pageBytes);
  const read = (fd: number, start: number): number => {
    const began = performance.now();
    let at = 0;
    while (at < bytes && performance.now() - began < eachMs) {
      const got = fs.read(fd, buffer, start, Math.min(stepBytes, bytes - at), at);
      if (got === 0) break;
      at += got;
    }
    return (at / Math.max(performance.now() - began, 0.001)) * 1000;
  };
  const direct = openDirect(fs, path);
  if (direct !== undefined) {
    try {
      const start = alignedStart(fs, direct, buffer);
      if (start !== undefined) return { perSecond: read(direct, start), direct: true };
    } finally {
      fs.close(direct);
    }
  }
  const fd = fs.open(path, 'r');
  try {
    return { perSecond: read(fd, 0), direct: false };
  } finally {
    fs.close(fd);
  }
}

/** Writes a file for half a second, makes it durable, and reads it back. The file stays: the caller removes it. */
function measure(fs: FileSystem, path: string, free: number, check: () => void): Measured {
  const most = Math.floor(Math.min(mostBytes, free * shareOfFree) / pageBytes) * pageBytes;
  // What a disk could compress would look faster than a model is.
  const data = randomFillSync(new Uint8Array(Math.min(stepBytes, most)));
  const fd = fs.open(path, 'wx', 0o600);
  let bytes = 0;
  let writtenPerSecond: number;
  try {
    const began = performance.now();
    while (bytes + data.length <= most && performance.now() - began < eachMs) {
      check();
      fs.write(fd, data, bytes);
      bytes += data.length;
    }
    fs.fsync(fd);
    writtenPerSecond = (bytes / Math.max(performance.now() - began, 0.001)) * 1000;
  } finally {
    fs.close(fd);
  }
  const { perSecond, direct } = readBack(fs, path, bytes);
  return { writtenPerSecond, readPerSecond: perSecond, bytes, direct };
}

export function checkSpeed(fs: FileSystem, path: string, free: number, check: () => void): StorageCheck {
  const about = { id: 'speed', title: 'Speed' };
  if (free * shareOfFree < stepBytes) {
    return { ...about, status: 'skip', evidence: 'Cannot tell: there is too little space to try.' };
  }
  const { writtenPerSecond, readPerSecond, bytes, direct } = measure(fs, path, free, check);
  const from = direct ? 'from the disk itself' : 'partly or wholly from memory, as this file system is read';
  const evidence = `Writes ${formatRate(writtenPerSecond)} down to the disk, reads ${formatRate(readPerSecond)} ${from} (${formatBytes(bytes)}).`;
  return Math.min(writtenPerSecond, readPerSecond) < slow
    ? { ...about, status: 'warn', evidence, next: 'See what else keeps the disk busy, and whether it is failing.' }
    : { ...about, status: 'pass', evidence };
}
