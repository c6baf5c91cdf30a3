import { join } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { RemovalPlan, Store } from '../../shared/contract/index.ts';
import { keyed } from '../age/index.ts';
import type { AgeRecipients } from '../age/index.ts';
import { isEncrypted, readHeader, toldKeys } from '../archive/index.ts';
import type { HeldArchive } from './outcome.ts';
import type { RotationParts } from './parts.ts';
import { usageTask } from './tasks.ts';
import { isWorthMoving } from './usage.ts';
import type { ArchiveUsage } from './usage.ts';

/**
 * Which archives that only later backups need are written anew: those mostly unneeded, and small ones when many of them
 * have gathered, as each backup that goes leaves one. Small ones share an archive.
 */

/** An archive of which less than this is needed is a small one. */
const smallBytes = 4 * 1024 * 1024;
/** So many small ones are made one. Each time manifests are rewritten, so not with every backup that goes. */
const mergeFrom = 8;
/** Small ones that are merged in one run hold no more than this; the rest is for the next. */
const mergeBytes = 64 * 1024 * 1024;

/** An archive that is worth writing anew. */
export interface Moving {
  readonly held: HeldArchive;
  readonly usage: ArchiveUsage;
  /** Whom what is written is for, where it is encrypted. */
  readonly recipients: AgeRecipients | undefined;
  readonly why: RemovalPlan['compacts'][number]['why'];
  /** Those of one lot share a new archive; undefined for one that gets its own. */
  readonly lot: string | undefined;
}

export interface Movings {
  readonly moving: readonly Moving[];
  /** Archives of which it cannot be known. They stay as they are. */
  readonly problems: readonly { readonly held: HeldArchive; readonly problem: string }[];
}

type Looked = Pick<Moving, 'held' | 'usage' | 'recipients'>;

/** Looks at what is needed of archives. Throws `CANCELLED` only. */
export async function movingsOf(
  parts: RotationParts,
  store: Store,
  directory: string,
  held: readonly HeldArchive[],
  signal: AbortSignal,
): Promise<Movings> {
  const { context, catalog } = parts;
  const problems: { held: HeldArchive; problem: string }[] = [];
  const looked: Pick<Looked, 'held' | 'recipients'>[] = [];
  const whom = recipientsByManifest(parts, store, directory, signal);
  for (const one of held) {
    if (!one.movable) continue;
    const secret = isEncrypted(one.archive.name);
    try {
      const recipients = secret ? await whom(one.manifests) : undefined;
      // Written anew it must open for those it opened for before, and for nobody else.
      if (!secret || recipients !== undefined) looked.push({ held: one, recipients });
    } catch (error) {
      if (!(error instanceof LarderError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
      problems.push({ held: one, problem: error.message });
    }
  }
  if (looked.length === 0) return { moving: [], problems };
  const archives = looked.map(({ held: { archive, manifests } }) => ({
    name: archive.name,
    format: archive.format,
    manifests,
  }));
  const names = new Set(archives.flatMap(({ name, manifests }) => [name, ...manifests]));
  const keys = await catalog.keys.of(
    Array.from(names, (name) => join(directory, name)),
    signal,
  );
  const usages = await context.pool.run(usageTask, { directory, archives }, { signal, keys });
  const known = looked.flatMap((one, index): Looked[] => {
    const usage = usages[index];
    if (usage === undefined) return [];
    if (!('problem' in usage)) return [{ ...one, usage }];
    problems.push({ held: one.held, problem: usage.problem });
    return [];
  });
  return { moving: chooseMoving(known), problems };
}

/** Pure. */
export function chooseMoving(looked: readonly Looked[]): Moving[] {
  const lots = new Map<string, Looked[]>();
  for (const one of looked) {
    if (one.usage.needed >= smallBytes) continue;
    const lot = lotOf(one.held);
    lots.set(lot, [...(lots.get(lot) ?? []), one]);
  }
  const merged = new Set<Looked>();
  for (const small of lots.values()) {
    if (small.length < mergeFrom) continue;
    let bytes = 0;
    for (const one of small) {
      bytes += one.usage.needed;
      if (bytes <= mergeBytes) merged.add(one);
    }
  }
  return looked.flatMap((one): Moving[] => {
    const unneeded = isWorthMoving(one.usage);
    if (!unneeded && !merged.has(one)) return [];
    const lot = one.usage.needed < smallBytes ? lotOf(one.held) : undefined;
    return [{ ...one, why: unneeded ? 'unneeded' : 'small', lot }];
  });
}

/** Only what is alike shares an archive: format, whom it is for, and the store. */
function lotOf({ archive, stores }: HeldArchive): string {
  return JSON.stringify([archive.format, isEncrypted(archive.name), stores]);
}

/** Whom the backups of some manifests are for, if for the same as the store's rules say; each is looked at once. */
function recipientsByManifest(
  parts: RotationParts,
  store: Store,
  directory: string,
  signal: AbortSignal,
): (manifests: readonly string[]) => Promise<AgeRecipients | undefined> {
  const { context, catalog } = parts;
  const known = new Map<string, Promise<AgeRecipients | undefined>>();
  const look = async (manifest: string): Promise<AgeRecipients | undefined> => {
    const path = join(directory, manifest);
    const recipients = await parts.recipientsLike(store, [path], signal);
    // It tells the keys of its archives, which else are worked out one by one.
    const own = keyed(context, await catalog.keys.of([path], signal));
    if (recipients !== undefined) catalog.keys.remember(toldKeys(readHeader(own.fs, path)));
    return recipients;
  };
  return async (manifests) => {
    let recipients: AgeRecipients | undefined;
    for (const manifest of manifests) {
      const looking = known.get(manifest) ?? look(manifest);
      known.set(manifest, looking);
      recipients = await looking;
      if (recipients === undefined) return undefined;
    }
    return recipients;
  };
}
