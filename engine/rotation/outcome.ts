import { archiveStem, manifestStem } from '../archive/index.ts';
import type { Ground, GroundArchive } from './ground.ts';

/** What removing some manifests means for the archives of a destination. Pure. */
export interface Outcome {
  /** Archives that belong to no backup afterwards: those released before and those released now. */
  readonly released: ReadonlySet<string>;
  /** Of these, nothing draws on; they go. */
  readonly free: readonly GroundArchive[];
  /** Of these, kept backups draw on. */
  readonly held: readonly HeldArchive[];
  /** Why archives that nothing seems to need stay all the same; absent when there is nothing of the kind. */
  readonly blocked?: string;
}

export interface HeldArchive {
  readonly archive: GroundArchive;
  /** Ids of the backups that need it. */
  readonly neededBy: readonly string[];
  /** Names of their manifests. */
  readonly manifests: readonly string[];
  /** Ids of the stores these are of, sorted. */
  readonly stores: readonly string[];
  /** Whether it may be written anew: all that needs it has a manifest that can be rewritten. */
  readonly movable: boolean;
}

/** `removed`: names of the manifests to go. */
export function outcomeOf(ground: Ground, removed: ReadonlySet<string>): Outcome {
  const remaining = ground.manifests.filter(({ name }) => !removed.has(name));
  const stems = new Set(remaining.map(({ name }) => manifestStem(name)));
  const there = new Map(ground.archives.map((archive) => [archive.name, archive]));
  const isOwn = (name: string): boolean => stems.has(archiveStem(name));

  const released = new Set<string>();
  const own = ground.manifests
    .filter(({ name }) => removed.has(name))
    .flatMap((manifest) => ownArchives(ground, manifest));
  for (const name of [...ground.released, ...own]) if (there.has(name) && !isOwn(name)) released.add(name);

  const needs = new Map<string, { ids: string[]; manifests: string[]; stores: Set<string>; movable: boolean }>();
  const need = (archive: string, id: string, by: { manifest: string; store: string } | undefined): void => {
    const of = needs.get(archive) ?? { ids: [], manifests: [], stores: new Set<string>(), movable: true };
    of.ids.push(id);
    if (by === undefined) of.movable = false;
    else {
      of.manifests.push(by.manifest);
      of.stores.add(by.store);
    }
    needs.set(archive, of);
  };
  for (const { name, says } of remaining) {
    for (const archive of says?.archives ?? []) {
      need(archive, says?.id ?? '', { manifest: name, store: says?.store ?? '' });
    }
  }
  let blocked = whyBlocked(remaining.find(({ says }) => says === undefined)?.name, 'cannot be read');
  for (const archive of ground.archives) {
    const { lost, name } = archive;
    if (lost === undefined) continue;
    if (lost === 'unreadable') blocked ??= whyBlocked(name, 'has no manifest and cannot be read');
    else {
      for (const other of lost.archives) if (other !== name) need(other, lost.id, undefined);
      // What it needs may have been written anew since, under a name it does not know.
      if (lost.archives.some((other) => !there.has(other))) blocked ??= whyBlocked(name, 'lost its manifest');
    }
  }

  const held: HeldArchive[] = [];
  const free: GroundArchive[] = [];
  for (const name of [...released].sort()) {
    const archive = there.get(name);
    if (archive === undefined) continue;
    const of = needs.get(name);
    if (of !== undefined) {
      const movable = of.movable && blocked === undefined;
      const stores = [...of.stores].sort();
      held.push({ archive, neededBy: of.ids, manifests: of.manifests, stores, movable });
    } else if (blocked === undefined) free.push(archive);
    else held.push({ archive, neededBy: [], manifests: [], stores: [], movable: false });
  }
  return { released, free, held, ...(blocked === undefined ? {} : { blocked }) };
}

function whyBlocked(name: string | undefined, what: string): string | undefined {
  return name === undefined ? undefined : `${name} ${what}, so nobody knows which archives it needs.`;
}

/** The archives that go with a manifest: those of its name, or else the first that it lists. */
function ownArchives(ground: Ground, { name, says }: Ground['manifests'][number]): string[] {
  const stem = manifestStem(name);
  const named = ground.archives.filter((archive) => archiveStem(archive.name) === stem).map((archive) => archive.name);
  const [first] = says?.archives ?? [];
  return named.length > 0 || first === undefined ? named : [first];
}
