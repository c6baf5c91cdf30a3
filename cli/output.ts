import type { Writable } from 'node:stream';

/** A stream of the process for text. What goes wrong with it ends the writing, not the work. */
export interface Output {
  write(text: string): void;
  /** Writes bytes as they are, and resolves when there is room for more. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Whether nobody takes any more: the reader went away, or the disk is full. */
  readonly closed: boolean;
  /** Resolves when everything was written, or the reader went away. Rejects with the system's error when some was lost. */
  flush(): Promise<void>;
}

export function outputTo(stream: Writable): Output {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => void (failure ??= error));
  return {
    write(text) {
      if (failure === undefined) stream.write(text);
    },
    async writeBytes(bytes) {
      if (failure === undefined) await new Promise((resolve) => stream.write(bytes, resolve));
    },
    get closed() {
      return failure !== undefined;
    },
    async flush() {
      // Pipes may still hold what was written. A stream's error event comes after the callback of the write.
      if (failure === undefined) await new Promise((resolve) => stream.write('', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      // A reader may have seen enough (`larder ls latest | head`).
      if (failure !== undefined && failure.code !== 'EPIPE') throw failure;
    },
  };
}
