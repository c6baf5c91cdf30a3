import type { Parent } from '../archive/index.ts';
import { archiveBound } from './space.ts';
import { copyBytes } from './with-copies.ts';
import type { Surveyed } from './with-copies.ts';

/** What a backup made on top of another has to do. */
export interface Since {
  /** Files that were not touched since, which are not read. */
  readonly unchanged: { readonly files: number; readonly bytes: number };
  /** Upper bound of what archive and manifest can take on disk. */
  readonly needed: number;
}

/** Entries looked at before other work of the thread has its turn. */
const slice = 10_000;

/** What of a survey, made with its entries, is new or changed since the parent. */
export async function since(parent: Parent, survey: Pick<Surveyed, 'entries' | 'live'>): Promise<Since> {
  const older = parent.lookup();
  const unchanged = { files: 0, bytes: 0 };
  let needed = copyBytes(survey.live);
  let count = 0;
  for (const entry of survey.entries) {
    count += 1;
    if (count % slice === 0) await new Promise((resolve) => setImmediate(resolve));
    const old = older(entry.path);
    const isUnchanged = entry.type === 'file' && old?.type === 'file' && parent.isUnchanged(old, entry);
    if (isUnchanged) {
      unchanged.files += 1;
      unchanged.bytes += entry.size;
    }
    needed += archiveBound(entry.path, entry.type === 'file' && !isUnchanged ? entry.size : 0);
  }
  return { unchanged, needed };
}
