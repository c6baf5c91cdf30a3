import { join } from 'node:path';
import { z } from 'zod';
import { liveSchema } from '../../shared/contract/index.ts';
import type { Live } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { currentProcess, isRunning } from '../process/index.ts';

/**
 * What a running Larder tells other processes of the same home: `live-<pid>.json`, with who it is and how live each of
 * its stores is. One left behind by a process that is gone counts for nothing.
 */
const noticeSchema = z.object({
  process: z.object({ host: z.string(), pid: z.number(), bootId: z.string(), startTicks: z.string() }),
  stores: z.record(z.string(), liveSchema),
});

const namePattern = /^live-\d+\.json$/;

/** The notice of this process. */
export class LiveNotice {
  readonly #context: Pick<EngineContext, 'fs' | 'home' | 'log'>;
  readonly #path: string;
  #written = '';

  constructor(context: Pick<EngineContext, 'fs' | 'home' | 'log'>) {
    this.#context = context;
    this.#path = join(context.home, `live-${process.pid}.json`);
  }

  /** Tells how live each store is, by id. */
  write(stores: Record<string, Live>): void {
    const { fs, log } = this.#context;
    const text = JSON.stringify({ process: currentProcess(), stores });
    if (text === this.#written) return;
    const temporary = `${this.#path}.tmp`;
    try {
      const fd = fs.open(temporary, 'w', 0o600);
      try {
        fs.write(fd, Buffer.from(text));
      } finally {
        fs.close(fd);
      }
      fs.rename(temporary, this.#path);
      this.#written = text;
    } catch (error) {
      // Nothing but what a single command says of being watched depends on it.
      log.warn({ error: toLarderError(error, this.#path).message }, 'other processes cannot be told what is watched');
    }
  }

  /** Nothing is watched any more. */
  remove(): void {
    this.#written = '';
    removeFile(this.#context.fs, this.#path);
  }

  /** Removes what processes left behind that are gone. */
  removeLeftovers(): void {
    const { fs, home } = this.#context;
    for (const { path, running } of noticesIn(fs, home)) if (running === false) removeFile(fs, path);
  }
}

/** How live another running Larder of this home keeps a store; undefined when none has it. */
export function liveElsewhere(fs: FileSystem, home: string, store: string): Live | undefined {
  for (const { running, stores } of noticesIn(fs, home)) {
    const live = stores[store];
    if (running === true && live !== undefined) return live;
  }
  return undefined;
}

interface FoundNotice {
  path: string;
  /** Undefined when it is of another machine, so that this one cannot tell. */
  running: boolean | undefined;
  stores: Record<string, Live>;
}

function noticesIn(fs: FileSystem, home: string): FoundNotice[] {
  const found: FoundNotice[] = [];
  for (const { name } of fs.readDirectory(home)) {
    if (!namePattern.test(name)) continue;
    const path = join(home, name);
    const notice = readNotice(fs, path);
    if (notice !== undefined) found.push({ path, running: isRunning(notice.process), stores: notice.stores });
  }
  return found;
}

/** Undefined when it is gone by now or not a notice. */
function readNotice(fs: FileSystem, path: string): z.infer<typeof noticeSchema> | undefined {
  try {
    return noticeSchema.parse(JSON.parse(fs.readFile(path).toString('utf8')));
  } catch (error) {
    if (isSystemError(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function removeFile(fs: FileSystem, path: string): void {
  try {
    fs.unlink(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
