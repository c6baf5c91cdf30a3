import { hostname } from 'node:os';
import { basename } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, Retention, RetentionKind, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { retain } from '../../shared/retention.ts';
import type { Retained } from '../../shared/retention.ts';
import type { Ground } from './ground.ts';
import type { RotationParts } from './parts.ts';

/** Which backups of one destination go. */
export interface Choice {
  /** Those looked at, newest first. */
  readonly backups: readonly Retained<Backup>[];
}

/** What is chosen by: rules as of a moment, or by name. */
export type Wish =
  | { readonly by: 'rules'; readonly store: Store; readonly rules: Retention; readonly nowMs: number }
  | { readonly by: 'name'; readonly store: Store; readonly ids: ReadonlySet<string> };

/** Chooses among what lies in `directory` now. Throws `CORRUPT` when rotation cannot know which backups are pinned. */
export async function choose(parts: RotationParts, directory: string, ground: Ground, wish: Wish): Promise<Choice> {
  const { store } = wish;
  const listed = (await parts.catalog.list({ store: store.id, destination: directory })).backups;
  const choice =
    wish.by === 'name' ? chooseNamed(listed, wish.ids) : chooseByRules(parts, directory, ground, listed, wish);
  for (const { backup, keep } of choice.backups) if (!keep) assertPresent(ground, backup);
  return choice;
}

/** File names of the manifests that go. */
export function removedManifests({ backups }: Choice): Set<string> {
  return new Set(backups.filter(({ keep }) => !keep).map(({ backup }) => basename(backup.manifest)));
}

function chooseNamed(listed: readonly Backup[], ids: ReadonlySet<string>): Choice {
  const isWhole = (backup: Backup): boolean =>
    backup.problem === undefined && backup.verified?.ok !== false && backup.status === 'done';
  const rest = listed.filter(({ id }) => !ids.has(id));
  const lastWhole = listed.some(isWhole) && !rest.some(isWhole);
  return {
    backups: listed
      .filter(({ id }) => ids.has(id))
      .map((backup) => {
        const why: [RetentionKind, string][] = [['named', 'named']];
        if (backup.pinned) why.push(['pinned', 'pinned']);
        if (lastWhole && isWhole(backup)) why.push(['lastWhole', 'no whole one is left without it']);
        return { backup, keep: false, reasons: why.map(([, words]) => words), kinds: why.map(([kind]) => kind) };
      }),
  };
}

function chooseByRules(
  parts: RotationParts,
  directory: string,
  ground: Ground,
  listed: readonly Backup[],
  { store, rules, nowMs }: Extract<Wish, { by: 'rules' }>,
): Choice {
  parts.assertPinsKnown(directory);
  // The zone of this machine, as in the names of archives.
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const makers = new Map(ground.manifests.map(({ name, says }) => [name, says]));
  const ours = listed.filter((backup) => {
    if (backup.store !== store.id) return false;
    // Another machine may keep a store of the same path in the same destination; its backups are its own to rotate.
    const says = makers.get(basename(backup.manifest));
    return says === undefined || says.store === store.id || says.host === hostname();
  });
  return { backups: retain(ours, rules, { nowMs, timeZone }) };
}

/** The list is read beside the ground; both must mean the same file. */
function assertPresent(ground: Ground, backup: Backup): void {
  const manifest = ground.manifests.find(({ name }) => name === basename(backup.manifest));
  if (manifest !== undefined && (manifest.says === undefined || manifest.says.id === backup.id)) return;
  throw new LarderError('CHANGED_ON_DISK', `${displayName(backup.manifest)} has just changed.`, {
    hint: 'Plan again.',
  });
}
