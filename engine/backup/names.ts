import { basename } from 'node:path';
import { archiveStem, manifestStem } from '../archive/index.ts';

export { archiveStem, hasManifest, isEncrypted, manifestStem, parseArchiveName } from '../archive/index.ts';

/** File names in a destination. */

/** How a person may name a backup by its files: with any of their extensions, or none. */
export function stemOf(reference: string): string {
  const name = basename(reference);
  return archiveStem(name) ?? manifestStem(name) ?? name;
}

const prefixMax = 80;

/** A store's name as the start of a file name: letters, digits, `.`, `_` and `-` only, so that any disk can hold it. */
export function archivePrefix(storeName: string): string {
  const plain = storeName
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[._-]+|[._-]+$/g, '');
  let prefix = '';
  for (const character of plain) {
    if (Buffer.byteLength(prefix + character) > prefixMax) break;
    prefix += character;
  }
  return prefix === '' ? 'store' : prefix;
}

/** `PREFIX_backup_YYYYMMDD_HHMMSS` in the machine's local time. */
export function archiveBaseName(storeName: string, atMs: number): string {
  const at = new Date(atMs);
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
  const day = `${pad(at.getFullYear(), 4)}${pad(at.getMonth() + 1)}${pad(at.getDate())}`;
  const time = `${pad(at.getHours())}${pad(at.getMinutes())}${pad(at.getSeconds())}`;
  return `${archivePrefix(storeName)}_backup_${day}_${time}`;
}
