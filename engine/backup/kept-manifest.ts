import { createHash, randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { isLarderError } from '../../shared/contract/index.ts';
import type { Backup, Encryption, Store } from '../../shared/contract/index.ts';
import { Parent } from '../archive/index.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { CheckParts } from './check.ts';
import { copyManifestTask, hashTask } from './tasks.ts';

/**
 * What the last backup of a store says, kept in Larder's home where backups are for recipients and no identity to open
 * them is here: else each backup after a restart would have to be full.
 *
 * A copy of the manifest, for the owner only, in the clear and without the keys of archives: it opens nothing. Its name
 * has the SHA-256 of the manifest that it is a copy of, so that it counts only while that lies in the destination. It is
 * `parents/STORE-FOLDER-SHA256.manifest.zst`, FOLDER being a digest of the destination's path.
 */

const folderName = 'parents';

/** Whether backups by these rules can be made here and not be opened. */
export function isSealed(encryption: Encryption | undefined): boolean {
  return encryption?.kind === 'recipients' && encryption.identityFile === undefined;
}

/** Brings the copy for a store and destination up to date, or takes it away where none is needed. Failures are logged. */
export async function keepManifest(
  { context, catalog }: CheckParts,
  store: Store,
  newest: Backup | undefined,
  directory: string,
): Promise<void> {
  const { fs, home, pool } = context;
  try {
    const prefix = prefixOf(store, directory);
    if (newest === undefined || !isSealed(store.rules.encryption)) {
      removeCopies(context, (name) => name.startsWith(prefix));
      return;
    }
    const { manifest } = newest;
    const keys = await catalog.keys.of([manifest]);
    // Locked: made by an earlier run, which kept it.
    if (!(keys?.[manifest] instanceof Uint8Array)) return;
    const digest = await digestOf(context, manifest);
    const name = digest === undefined ? undefined : nameOf(store, manifest, digest);
    if (name === undefined || copies(context).includes(name)) return;
    const target = join(home, folderName, `${randomUUID()}.tmp`);
    try {
      fs.makeDirectory(dirname(target), { recursive: true, mode: 0o700 });
      await pool.run(copyManifestTask, { manifest, target }, { keys });
      // Written anew meanwhile: then it is a copy of something else.
      if ((await digestOf(context, manifest)) === digest) fs.rename(target, join(home, folderName, name));
    } finally {
      removeCopies(context, (other) => other === basename(target) || (other.startsWith(prefix) && other !== name));
    }
  } catch (error) {
    const failure = toLarderError(error);
    if (failure.code === 'INTERNAL') throw error;
    context.log.warn({ store: store.id, reason: failure.message }, 'The manifest of a backup could not be kept.');
  }
}

/** The last backup as the copy here knows it; undefined when there is none of what lies in the destination now. */
export async function openKept(
  context: EngineContext,
  store: Store,
  { manifest }: Backup,
  signal: AbortSignal,
): Promise<Parent | undefined> {
  if (!isSealed(store.rules.encryption)) return undefined;
  const prefix = prefixOf(store, dirname(manifest));
  if (!copies(context).some((name) => name.startsWith(prefix))) return undefined;
  const digest = await digestOf(context, manifest, signal);
  const name = digest === undefined ? undefined : nameOf(store, manifest, digest);
  if (name === undefined || !copies(context).includes(name)) return undefined;
  try {
    // Beside it lie no archives, as nothing in them could be read: what is changed is stored whole.
    return await Parent.open(context.fs, context.pool, join(context.home, folderName, name), signal);
  } catch (error) {
    if (!isLarderError(error, 'CORRUPT') && !isLarderError(error, 'NOT_FOUND')) throw error;
    context.log.warn({ store: store.id, reason: error.message }, 'The kept manifest of a backup cannot be read.');
    return undefined;
  }
}

/** Takes away what is kept of stores that are no more, and what a killed run left. */
export function forgetManifests(context: EngineContext): void {
  const stores = context.stores.list().filter(({ rules }) => isSealed(rules.encryption));
  removeCopies(context, (name) => !stores.some(({ id }) => name.startsWith(`${id}-`)));
}

function prefixOf({ id }: Store, directory: string): string {
  return `${id}-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}-`;
}

function nameOf(store: Store, manifest: string, digest: string): string {
  const ending = /\.manifest\.(?:zst|gz)/.exec(basename(manifest))?.[0] ?? '.manifest.zst';
  return prefixOf(store, dirname(manifest)) + digest + ending;
}

/** SHA-256 of the file as it lies there. */
async function digestOf({ pool }: EngineContext, path: string, signal?: AbortSignal): Promise<string | undefined> {
  const [digest] = await pool.run(hashTask, { root: dirname(path), paths: [basename(path)] }, { signal });
  return digest ?? undefined;
}

function copies({ fs, home }: EngineContext): string[] {
  try {
    return fs.readDirectory(join(home, folderName)).map(({ name }) => name);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
}

function removeCopies(context: EngineContext, isWanted: (name: string) => boolean): void {
  for (const name of copies(context)) {
    if (!isWanted(name)) continue;
    try {
      context.fs.unlink(join(context.home, folderName, name));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, join(context.home, folderName, name));
    }
  }
}
