import type { Difference } from '../../../shared/contract/index.ts';
import { formatBytes } from '../../../shared/format.ts';
import type { Tone } from '../../design/index.ts';

export const changeWords: Readonly<Record<Difference['change'], { word: string; tone: Tone; means: string }>> = {
  added: { word: 'added', tone: 'ok', means: 'only in the newer' },
  removed: { word: 'removed', tone: 'bad', means: 'only in the older' },
  modified: { word: 'modified', tone: 'warn', means: 'other content' },
  metadata: { word: 'metadata', tone: 'quiet', means: 'same content, other mode, owner or time' },
};

export const changeKinds = ['added', 'removed', 'modified', 'metadata'] as const;

/** How a file's size changed: "+2.1 KiB", "−4 B"; `''` where there is nothing to say. */
export function growthWords({ before, after }: Pick<Difference, 'before' | 'after'>): string {
  const by = (after ?? 0) - (before ?? 0);
  if ((before === undefined && after === undefined) || by === 0) return '';
  return `${by > 0 ? '+' : '−'}${formatBytes(Math.abs(by))}`;
}

/** The folder an entry lies in; `''` for the root. */
export function folderOfEntry(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

/** Text a person typed as a path inside a store: no separators around it. */
export function typedPath(text: string): string {
  return text.trim().replace(/^\/+|\/+$/g, '');
}
