import { basename } from 'node:path';
import type { ErrorData, Skipped } from '../../shared/contract/index.ts';
import { openBackup, readHeader } from '../archive/index.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { archiveStem, manifestStem } from './names.ts';

/** What a list of backups needs of one manifest; plain JSON, kept in the database. */
export interface Summary {
  readonly id: string;
  readonly store: { readonly id: string; readonly name: string; readonly path: string };
  readonly format: 'zst' | 'gz' | 'tar';
  readonly kind: 'full' | 'incremental';
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly files: number;
  readonly dirs: number;
  readonly bytes: number;
  readonly reusedBytes: number;
  readonly skipped: readonly Skipped[];
  readonly note?: string;
  readonly manifestBytes: number;
  /** File names beside the manifest and their sizes, this backup's own archive first. */
  readonly archives: readonly { readonly file: string; readonly size: number | null }[];
}

export type SummaryResult = { readonly summary: Summary } | { readonly error: ErrorData };

export function readSummary(fs: FileSystem, manifest: string): Summary {
  const { header, counts, archives, manifestBytes } = readHeader(fs, manifest);
  const stem = manifestStem(basename(manifest));
  const own = Math.max(
    0,
    archives.findIndex(({ file }) => archiveStem(file) === stem),
  );
  return {
    id: header.id,
    store: header.store,
    format: header.archiveFormat,
    kind: header.kind,
    startedAtMs: header.startedAtMs,
    finishedAtMs: header.finishedAtMs,
    files: counts.files,
    dirs: counts.dirs,
    bytes: counts.bytes,
    reusedBytes: counts.reused ?? (archives.length > 1 ? reusedBytes(fs, manifest, own) : 0),
    skipped: header.skipped,
    ...(header.note === undefined ? {} : { note: header.note }),
    manifestBytes,
    archives: [...archives.slice(own, own + 1), ...archives.filter((_, index) => index !== own)].map(
      ({ file, size }) => ({ file, size }),
    ),
  };
}

/** Bytes of file content that lie in archives of other backups. */
function reusedBytes(fs: FileSystem, manifest: string, own: number): number {
  const reader = openBackup(fs, manifest);
  let reused = 0;
  for (const entry of reader.entries()) {
    if (entry.type !== 'file') continue;
    for (const piece of entry.pieces) if (reader.frames[piece.frame]?.archive !== own) reused += piece.length;
  }
  return reused;
}

/** The summaries of several manifests; one that cannot be read gives its reason. */
export function readSummaries(manifests: readonly string[], context: TaskContext): SummaryResult[] {
  return manifests.map((manifest) => {
    context.throwIfCancelled();
    try {
      return { summary: readSummary(context.fs, manifest) };
    } catch (error) {
      return { error: toLarderError(error, manifest).toData() };
    }
  });
}
