import { join } from 'node:path';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { canCompressZstd } from './codec.ts';

/** File names in a destination. */

export const archiveExtensions = { zst: '.tar.zst', gz: '.tar.gz', tar: '.tar' } as const satisfies Record<
  ArchiveFormat,
  string
>;
export const manifestExtensions = { zst: '.manifest.zst', gz: '.manifest.gz' } as const;
export type ManifestFormat = keyof typeof manifestExtensions;
/** After either of these, of encrypted ones. */
export const ageExtension = '.age';

/** Larder's own folder in a destination. */
export const larderFolder = '.larder';
/** Name of the manifest as an entry of the archive. */
export const embeddedPath = '.larder/manifest';

export function manifestFormatFor(format: ArchiveFormat): ManifestFormat {
  if (format === 'tar') return canCompressZstd() ? 'zst' : 'gz';
  return format;
}

export function exists(fs: FileSystem, path: string): boolean {
  try {
    fs.lstat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw toLarderError(error, path);
  }
}

/** `baseName`, or `baseName-2`, `-3` …: the first of which no archive and no manifest is there. */
export function freeName(fs: FileSystem, destination: string, baseName: string): string {
  const extensions = [...Object.values(archiveExtensions), ...Object.values(manifestExtensions)];
  for (let number = 1; ; number++) {
    const name = number === 1 ? baseName : `${baseName}-${number}`;
    const isTaken = (extension: string): boolean =>
      [extension, extension + ageExtension].some((each) => exists(fs, join(destination, name + each)));
    if (!extensions.some(isTaken)) return name;
  }
}

const archiveEnding = /\.tar(?:\.zst|\.gz)?(?:\.age)?$/;
const manifestEnding = /\.manifest\.(?:zst|gz)(?:\.age)?$/;
const larderStem = /^(?<base>.+_backup_\d{8}_\d{6})(?:-(?<number>[2-9]|[1-9]\d+))?$/;

/** An archive's name without its extension; undefined when it is not an archive's. */
export function archiveStem(name: string): string | undefined {
  return archiveEnding.test(name) ? name.replace(archiveEnding, '') : undefined;
}

/** The format that an archive's name tells; undefined when it is not an archive's. */
export function archiveFormat(name: string): ArchiveFormat | undefined {
  if (archiveStem(name) === undefined) return undefined;
  const plain = isEncrypted(name) ? name.slice(0, -ageExtension.length) : name;
  return plain.endsWith('.zst') ? 'zst' : plain.endsWith('.gz') ? 'gz' : 'tar';
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
  const endings = Object.values(manifestExtensions).flatMap((ending) => [ending, ending + ageExtension]);
  return endings.some((ending) => names.has(stem + ending));
}

/** Whether a file of a destination is an age file, by its name. */
export function isEncrypted(name: string): boolean {
  return name.endsWith(ageExtension);
}
