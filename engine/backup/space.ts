/**
 * How much room a backup can take. Sizes are bytes.
 */

const block = 512;
const pieceBytes = 4 * 1024 * 1024;
/** Tar header, a pax header before it and its records, apart from the path. */
const tarOverhead = 4 * block;
/** A manifest line without path and pieces, uncompressed; the manifest is stored twice. */
const lineBytes = 400;
/** What a piece adds: its place in the entry's line and a frame's own line, twice, and the frame's container. */
const pieceOverhead = 600;
/** JSON may escape a character of the path to six bytes. */
const pathFactor = 6;

/** Upper bound of what one entry adds to an archive and its manifest when nothing of it can be compressed. */
export function archiveBound(path: string, size: number): number {
  const content = Math.ceil(size / block) * block;
  const pieces = Math.ceil(size / pieceBytes) + 1;
  return content + tarOverhead + pathFactor * path.length * 3 + 2 * lineBytes + pieces * pieceOverhead;
}

/** What earlier backups of the same store took, newest first. */
export interface PastBackup {
  readonly bytes: number;
  readonly storedBytes: number;
  /** Of `bytes`, what was held already and neither read nor stored. */
  readonly reusedBytes: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly format: string;
}

function newBytes({ bytes, reusedBytes }: PastBackup): number {
  return bytes - reusedBytes;
}

const pastConsidered = 3;
/** Below this a backup's figures say more about overhead than about the data. */
const tellingBytes = 1024 * 1024;
/** Room for data that shrinks less than last time. */
const margin = 1.25;

/**
 * What a backup will probably take: `bound`, or less when the last backups in the same format shrank. The check before
 * a run uses this, so that a store of text is not refused for want of space it will never need.
 */
export function expectedSize(bound: number, past: readonly PastBackup[], format: string): number {
  const ratios = past
    .filter((backup) => backup.format === format && newBytes(backup) >= tellingBytes)
    .slice(0, pastConsidered)
    .map((backup) => backup.storedBytes / newBytes(backup));
  if (ratios.length === 0) return bound;
  return Math.ceil(bound * Math.min(1, Math.max(...ratios) * margin));
}

/** Rough time a backup of `bytes` takes, from the last ones' rate; undefined when they tell nothing. */
export function estimateMs(bytes: number, past: readonly PastBackup[]): number | undefined {
  const telling = past.filter((backup) => newBytes(backup) >= tellingBytes).slice(0, pastConsidered);
  const allBytes = telling.reduce((sum, backup) => sum + newBytes(backup), 0);
  const allMs = telling.reduce((sum, backup) => sum + Math.max(0, backup.finishedAtMs - backup.startedAtMs), 0);
  if (allBytes === 0 || allMs === 0) return undefined;
  return Math.round((bytes / allBytes) * allMs);
}
