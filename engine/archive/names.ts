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
    if (!extensions.some((extension) => exists(fs, join(destination, name + extension)))) return name;
  }
}
