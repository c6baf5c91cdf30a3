import type { AreaUsage, Backup, Job, Store, UsageSummary } from '../shared/contract/index.ts';
import { growthJson } from './growth.ts';
import type { StoreGrowth } from './growth.ts';
import { isoTime } from './iso-time.ts';

/*
 * What `--json` prints. Field names are part of the command's contract and change only with a version, so
 * they are spelt out here and not taken over from the engine's contract by accident.
 */

export function storeJson(store: Store): Record<string, unknown> {
  const { id, name, path, state, stateReason, destination, addedAtMs, live, rules, layout = null } = store;
  return { id, name, path, state, stateReason, destination, addedAt: isoTime(addedAtMs), live, rules, layout };
}

export function backupJson(backup: Backup): Record<string, unknown> {
  const { id, store, storeName, archive, manifest, format, kind, startedAtMs, finishedAtMs } = backup;
  const { files, dirs, bytes, storedBytes, reusedBytes, skipped, status, note, verified, problem } = backup;
  const { pinned, encrypted, neededBy } = backup;
  return {
    id,
    store: store ?? null,
    storeName,
    archive,
    manifest,
    format,
    kind,
    startedAt: isoTime(startedAtMs),
    finishedAt: isoTime(finishedAtMs),
    files,
    dirs,
    bytes,
    storedBytes,
    reusedBytes,
    skipped,
    status,
    note,
    pinned,
    encrypted,
    neededBy,
    verified:
      verified === undefined
        ? undefined
        : { mode: verified.mode, at: isoTime(verified.atMs), ok: verified.ok, covered: verified.covered },
    problem,
  };
}

function areaJson(area: AreaUsage): Record<string, unknown> {
  const { id, path, role, bytes, allocated, files, dirs, newest } = area;
  return { id, path, role, bytes, allocated, files, dirs, newest: newest === 0 ? null : isoTime(newest) };
}

export function usageJson(store: Store, summary: UsageSummary, growth: StoreGrowth): Record<string, unknown> {
  const { path, bytes, allocated, files, dirs, newest, oldest, atLeast, unreadable, areas, loose } = summary;
  const { hardLinks, sparse, mounts } = summary;
  return {
    store: store.id,
    storeName: store.name,
    path,
    bytes,
    allocated,
    files,
    dirs,
    newest: newest === 0 ? null : isoTime(newest),
    oldest: oldest === 0 ? null : isoTime(oldest),
    atLeast,
    unreadable,
    areas: areas.map((area) => ({ ...areaJson(area), growth: growth.ofArea(area.path, areas) })),
    loose,
    growth: growthJson(growth, summary),
    hardLinks,
    sparse,
    mounts,
    countedAt: isoTime(summary.countedAtMs),
  };
}

export function jobJson(job: Job): Record<string, unknown> {
  const { id, kind, title, store, status, phase, bytesDone, bytesTotal, filesDone, filesTotal, error, result } = job;
  return {
    id,
    kind,
    title,
    store,
    status,
    phase,
    startedAt: isoTime(job.startedAtMs),
    finishedAt: isoTime(job.finishedAtMs),
    bytesDone,
    bytesTotal,
    filesDone,
    filesTotal,
    warnings: job.warningCount,
    error,
    result,
  };
}
