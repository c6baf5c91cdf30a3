import type { Backup } from '../../../shared/contract/index.ts';

/** A name for the exported archive: the store and the day. */
export function proposedName({
  storeName,
  startedAtMs,
  format,
}: Pick<Backup, 'storeName' | 'startedAtMs' | 'format'>): string {
  const at = new Date(startedAtMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const store = storeName.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '');
  return `${store === '' ? 'backup' : store}-${day}.tar${format === 'tar' ? '' : `.${format}`}`;
}

/** Why an archive cannot have this name; undefined when it can. */
export function exportProblem(name: string, zstd: boolean): string | undefined {
  if (name === '') return 'Give the file a name';
  if (/[/\\]/.test(name)) return 'A name has no separators';
  if (!/.\.(?:tar|tar\.zst|tar\.gz|tgz)$/.test(name)) return 'It must end in .tar.zst, .tar.gz or .tar';
  if (name.endsWith('.zst') && !zstd) return 'This machine cannot compress zstd; choose .tar.gz';
  return undefined;
}
