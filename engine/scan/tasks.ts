import { encodeName } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { Task } from '../pool/index.ts';
import { joinRelative, readDirectory, readDirectoryAt } from './read-directory.ts';
import type { FoundDirectory, ScanBounds } from './read-directory.ts';
import { RecordWriter } from './record.ts';
import { SharedWork } from './shared-work.ts';
import type { WorkItem } from './shared-work.ts';

export interface ScanTaskInput {
  bounds: ScanBounds;
  work: SharedArrayBuffer;
  /** Which of the scan's workers this is. */
  slot: number;
}

export interface ScanTaskOutput {
  /** Whole records, one after another. */
  chunks: ArrayBuffer[];
}

const chunkBytes = 1024 * 1024;

function baseName(path: string): Buffer {
  return encodeName(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * One of the workers of a scan: reads directories from the shared stack, and those found inside them, until all workers
 * together are through. Records come back in no particular order.
 */
export const scanTask: Task<ScanTaskInput, ScanTaskOutput> = defineTask<ScanTaskInput, ScanTaskOutput>({
  name: 'scan.tree',
  run({ bounds, work: memory, slot }, { fs, cancelled, throwIfCancelled }) {
    const work = new SharedWork(memory);
    const chunks: ArrayBuffer[] = [];
    if (!work.enter(slot)) return { chunks };
    let writer = new RecordWriter(chunkBytes);
    const flush = (): void => {
      const { buffer, at } = writer.out;
      if (at > 0) chunks.push(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + at) as ArrayBuffer);
    };
    const own: WorkItem[] = [];
    try {
      for (let item = work.take(cancelled); item !== undefined; item = own.pop() ?? work.take(cancelled)) {
        throwIfCancelled();
        const { path, id } = item;
        const place = { ...item, name: path === '' ? Buffer.alloc(0) : baseName(path) };
        const read = readDirectory(fs, bounds, path, place, writer, (found) => {
          own.push({ ...found, path: joinRelative(path, found.name), id: work.newId(), parent: id });
        });
        work.noteRead(slot, read.files, read.bytes);
        // The oldest of its own directories are the nearest to the root, so likely the largest.
        while (own.length > 1 && work.hungry) {
          const [shared] = own.splice(0, 1);
          if (shared !== undefined && !work.put(shared)) {
            own.push(shared);
            break;
          }
        }
        if (writer.out.at >= chunkBytes) {
          flush();
          writer = new RecordWriter(chunkBytes);
        }
      }
      throwIfCancelled();
    } catch (error) {
      work.abandon();
      throw error;
    }
    flush();
    return { chunks };
  },
  transfer: (output) => output.chunks,
});

export interface ReadTaskInput {
  bounds: ScanBounds;
  /** Paths relative to the root. */
  paths: readonly string[];
}

/** A directory that was read again. */
export interface ReadAgain {
  path: string;
  record: Uint8Array;
  found: FoundDirectory[];
}

/** Reads single directories, not what is below them. Directories are read in the order given. */
export const readTask: Task<ReadTaskInput, ReadAgain[]> = defineTask<ReadTaskInput, ReadAgain[]>({
  name: 'scan.directories',
  run: ({ bounds, paths }, { fs, throwIfCancelled }) =>
    paths.map((path) => {
      throwIfCancelled();
      return readAgain(fs, bounds, path);
    }),
  transfer: (output) => output.map(({ record }) => record.buffer as ArrayBuffer),
});

/** Reads one directory into a record of its own. */
export function readAgain(fs: FileSystem, bounds: ScanBounds, path: string): ReadAgain {
  const found: FoundDirectory[] = [];
  const writer = new RecordWriter(4096);
  const { start, end } = readDirectoryAt(fs, bounds, path, writer, (directory) => found.push(directory));
  return { path, record: new Uint8Array(writer.out.buffer.subarray(start, end)), found };
}

/** What the scanner runs in pool workers. */
export const scanTasks: readonly Task<never, unknown>[] = [scanTask, readTask];
