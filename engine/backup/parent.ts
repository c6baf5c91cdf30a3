import { basename, dirname } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Backup, Encryption, Store } from '../../shared/contract/index.ts';
import { keyed } from '../age/index.ts';
import type { AgeRecipients } from '../age/index.ts';
import { Parent, readHeader } from '../archive/index.ts';
import { knownOf } from './check.ts';
import type { CheckParts } from './check.ts';
import { openKept } from './kept-manifest.ts';
import { isEncrypted } from './names.ts';

/** The older backup that a new one is compared with. */

export interface ParentWanted {
  readonly store: Store;
  /** Whole backups of the store, newest first. */
  readonly past: readonly Backup[];
  /** Real path of the destination. */
  readonly directory: string;
  /** A self-contained backup was asked for. */
  readonly full: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * What a new backup is compared with, or in a person's words why it is full. `sealed`: no key here opens it, and what it
 * holds is known from the copy of its manifest that Larder kept.
 */
export type ParentFound =
  | { readonly parent: Parent; readonly sealed?: boolean }
  | { readonly parent?: undefined; readonly fullBecause: string };

/** Finds and opens the backup that a new one is to be compared with. */
export async function openParentFor(
  parts: CheckParts,
  { store, past, directory, full, signal }: ParentWanted,
): Promise<ParentFound> {
  if (full === true) return { fullBecause: 'it was asked for' };
  if (store.rules.selfContained) return { fullBecause: 'backups of this store are self-contained' };
  const last = newestSound(parts, past, directory);
  if (last === undefined) {
    const any = past.some(({ manifest }) => dirname(manifest) === directory);
    return {
      fullBecause: any ? 'the earlier ones were found damaged' : 'it is the first of this store in this folder',
    };
  }
  const { encryption } = store.rules;
  if (isEncrypted(last.manifest) !== (encryption !== undefined)) {
    return { fullBecause: encryption === undefined ? 'the last one is encrypted' : 'the last one is not encrypted' };
  }
  return openParent(parts, store, last, signal);
}

/**
 * The newest backup there of which no damage is known, neither of itself nor, by another backup, of an archive that it
 * draws on: what is taken over from it is not read again, so the damage would be in the new one, too.
 */
function newestSound({ context, records }: CheckParts, past: readonly Backup[], directory: string): Backup | undefined {
  const here = past.filter(({ manifest }) => dirname(manifest) === directory);
  const unsound = here.filter(({ verified }) => verified?.ok === false);
  if (unsound.length === 0) return here[0];
  const damaged = new Set(unsound.flatMap((backup) => knownOf({ context, records }, backup).damage?.archives ?? []));
  const known = records.summaries.in(directory);
  return here.find((backup) => {
    const archives = known.get(backup.manifest)?.summary.archives ?? [{ file: basename(backup.archive) }];
    return backup.verified?.ok !== false && !archives.some(({ file }) => damaged.has(file));
  });
}

/**
 * One that cannot be opened, or not by all who are to open the new one, is no parent: the new backup is then
 * self-contained, and damage is for a verification to report.
 */
async function openParent(
  { context, catalog }: CheckParts,
  store: Store,
  last: Backup,
  signal: AbortSignal,
): Promise<ParentFound> {
  const { fs, pool } = context;
  const { encryption } = store.rules;
  try {
    const isSecret = encryption?.kind === 'passphrase';
    if (isSecret && !(await catalog.keys.opensBy(last.manifest, encryption, signal))) {
      return { fullBecause: 'the last one has another passphrase' };
    }
    const parent = await Parent.open(fs, pool, last.manifest, signal, (paths) => catalog.keys.of(paths, signal));
    return ifForSame({ parent }, encryption);
  } catch (error) {
    if (!(error instanceof LarderError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
    const kept = error.details?.['fix'] === 'unlock' ? await openKept(context, store, last, signal) : undefined;
    if (kept !== undefined) return ifForSame({ parent: kept, sealed: true }, encryption);
    context.log.warn({ manifest: last.manifest, reason: error.message }, 'The last backup cannot be built upon.');
    return { fullBecause: `the last one cannot be read here: ${error.message}` };
  }
}

function ifForSame(found: ParentFound & { parent: Parent }, encryption: Encryption | undefined): ParentFound {
  const same = isForSame(found.parent.reader.header.encryptedFor, encryption);
  return same ? found : { fullBecause: 'the last one is for other recipients' };
}

/** What the manifest of a backup by these rules says of whom it is for. */
export function encryptedFor(encryption: Encryption): 'passphrase' | string[] {
  return encryption.kind === 'passphrase' ? 'passphrase' : [...new Set(encryption.recipients)].sort();
}

function isForSame(then: 'passphrase' | readonly string[] | undefined, now: Encryption | undefined): boolean {
  return JSON.stringify(then) === JSON.stringify(now === undefined ? undefined : encryptedFor(now));
}

/**
 * Whom encrypted files of a store are for by its present rules; undefined unless the backups at these manifests are for
 * the same. Throws as reading the rules' files does.
 */
export async function recipientsLike(
  { context, catalog }: Pick<CheckParts, 'context' | 'catalog'>,
  { rules: { encryption } }: Store,
  manifests: readonly string[],
  signal: AbortSignal,
): Promise<AgeRecipients | undefined> {
  if (encryption === undefined) return undefined;
  for (const manifest of manifests) {
    if (encryption.kind === 'passphrase' && !(await catalog.keys.opensBy(manifest, encryption, signal)))
      return undefined;
    const { header } = readHeader(keyed(context, await catalog.keys.of([manifest], signal)).fs, manifest);
    if (!isForSame(header.encryptedFor, encryption)) return undefined;
  }
  return context.secrets.recipientsOf(encryption);
}
