import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** A path for a line of text. */
export function shown(path: string): string {
  return path === '' ? 'the root folder' : displayName(path);
}

/** `a, b and 3 more`. */
export function listed(words: readonly string[], count = words.length, most = 3): string {
  const first = words.slice(0, most);
  const more = count - first.length;
  if (more > 0) return `${first.join(', ')} and ${more} more`;
  return first.length < 2 ? first.join('') : `${first.slice(0, -1).join(', ')} and ${first.at(-1) ?? ''}`;
}

export const files = (count: number): string => formatQuantity(count, 'file');
export const folders = (count: number): string => formatQuantity(count, 'folder');

/** Words of another as a sentence. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A word of a shell, quoted where it must be (POSIX 2.2.2). */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

/** Added to what was looked at only in part. */
export const inPart = 'Only a part of the store was looked at: it holds more entries than a check takes.';
