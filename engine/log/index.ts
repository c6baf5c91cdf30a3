import { join } from 'node:path';
import { pino } from 'pino';
import type { Log } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** Above this size the log is put aside at the next start; one old log is kept. */
const maxLogBytes = 5_000_000;

/** Larder's own log, NDJSON in `larder.log` of its home. Holds no secrets and no file content. */
export function createFileLog(fs: FileSystem, home: string): Log & { close(): void } {
  const path = join(home, 'larder.log');
  try {
    if (fs.stat(path).size > maxLogBytes) fs.rename(path, `${path}.old`);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  const destination = pino.destination({ dest: path, sync: true, mode: 0o600 });
  // A full disk must not stop the engine: what cannot be logged is dropped.
  destination.on('error', () => {});
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: () => destination.end(),
  };
}
