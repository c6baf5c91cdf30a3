import type { DatabaseSync } from 'node:sqlite';
import { chromaEntries } from './chroma.ts';
import { composeFile, configFiles } from './config.ts';
import { hourMs, dayMs } from './days.ts';
import { dataFiles } from './data.ts';
import { grafanaEntries } from './grafana.ts';
import { logFiles, serviceLogs } from './logs.ts';
import { modelFiles } from './models.ts';
import { prometheusFiles } from './prometheus.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { faissFiles } from './vectors.ts';

/** A file whose content is made when it is its turn, from numbers of its own. */
export interface SampleFile {
  readonly kind: 'file';
  /** Relative to the store, `/`-separated. */
  readonly path: string;
  readonly mtimeMs: number;
  content(random: Random): Uint8Array | string;
}

/** An SQLite file, filled inside one transaction. */
export interface SampleDatabase {
  readonly kind: 'database';
  readonly path: string;
  readonly mtimeMs: number;
  fill(database: DatabaseSync, random: Random): void;
}

export type SampleEntry = SampleFile | SampleDatabase;

export interface SampleTree {
  /** Folders that are there even though nothing is in them. */
  readonly emptyFolders: readonly { readonly path: string; readonly mtimeMs: number }[];
  readonly entries: readonly SampleEntry[];
  /** The compose file that lies beside the store. */
  compose(folderName: string): string;
}

/** Moves times back by up to a minute, as nothing real is written on the same second; rotated logs keep midnight. */
function withOddTimes(seed: number, entries: readonly SampleEntry[]): SampleEntry[] {
  return entries.map((entry) => {
    if (entry.path.startsWith('logs/')) return entry;
    return { ...entry, mtimeMs: entry.mtimeMs - createRandom(seed, `time/${entry.path}`).int(60_000) };
  });
}

/** Everything the sample holds. Depends on its arguments alone; `nowMs` in ms since the epoch. */
export function planTree(seed: number, nowMs: number): SampleTree {
  return {
    emptyFolders: [
      { path: 'backups', mtimeMs: nowMs - 60 * dayMs },
      { path: 'monitoring/prometheus/chunks_head', mtimeMs: nowMs - 9 * dayMs },
      { path: 'ml_cache/model_cache/prefetch', mtimeMs: nowMs - 11 * dayMs },
    ],
    entries: withOddTimes(seed, [
      ...modelFiles(seed, nowMs),
      ...faissFiles(nowMs),
      ...chromaEntries('vector_store/chroma', seed, nowMs, nowMs - 5 * hourMs),
      ...dataFiles(seed, nowMs),
      ...configFiles(nowMs),
      ...logFiles(nowMs),
      ...serviceLogs(nowMs - 9 * dayMs),
      ...prometheusFiles('monitoring/prometheus', seed, nowMs),
      ...grafanaEntries('monitoring/grafana', nowMs),
    ]),
    compose: composeFile,
  };
}
