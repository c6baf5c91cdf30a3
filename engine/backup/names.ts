import { basename } from 'node:path';

/** File names in a destination. */

const archiveEnding = /\.tar(?:\.zst|\.gz)?$/;
const manifestEnding = /\.manifest\.(?:zst|gz)$/;
const larderStem = /^(?<base>.+_backup_\d{8}_\d{6})(?:-(?<number>[2-9]|[1-9]\d+))?$/;

/** An archive's name without its extension; undefined when it is not an archive's. */
export function archiveStem(name: string): string | undefined {
  return archiveEnding.test(name) ? name.replace(archiveEnding, '') : undefined;
}

/** A manifest's name without its extension; undefined when it is not a manifest's. */
export function manifestStem(name: string): string | undefined {
  return manifestEnding.test(name) ? name.replace(manifestEnding, '') : undefined;
}

/** The parts of a stem in Larder's own pattern `PREFIX_backup_YYYYMMDD_HHMMSS[-N]`. */
export function parseArchiveName(stem: string): { base: string; number: number } | undefined {
  const groups = larderStem.exec(stem)?.groups;
  if (groups?.['base'] === undefined) return undefined;
  return { base: groups['base'], number: Number(groups['number'] ?? 1) };
}

export function hasManifest(stem: string, names: ReadonlySet<string>): boolean {
  return names.has(`${stem}.manifest.zst`) || names.has(`${stem}.manifest.gz`);
}

/** Whether a file of a destination is an age file, by its name. */
export function isEncrypted(name: string): boolean {
  return name.endsWith('.age');
}

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
