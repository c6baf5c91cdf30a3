import { createHash } from 'node:crypto';
import type { ArchiveFormat } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readStored } from './frames.ts';
import { parseFrameRef } from './lines.ts';
import { openEmbedded } from './manifest-reader.ts';
import { openText, parseHead, readSection, withFile } from './manifest-text.ts';
import type { ManifestSource } from './manifest-text.ts';

/**
 * Digest of what a manifest says, apart from its trailer, for comparing. Removing other backups may move the content of older archives, and the sidecar is
 * then written anew, so their names and places are left out; the digest of each frame is not.
 */
function bodyDigest(fs: FileSystem, source: { path: string; format: ArchiveFormat | undefined }): string {
  return withFile(fs, source.path, (fd) => {
    const opened = openText(fs, fd, source.format);
    const digest = createHash('sha256');
    const { header, counts, archives } = parseHead(readSection(fs, fd, opened, 0).lines);
    digest.update(JSON.stringify([header, { ...counts, archives: 0 }]));
    let frames = 0;
    for (let index = 1; index < opened.footer.frames.length - 1; index++) {
      const section = readSection(fs, fd, opened, index);
      if (frames >= counts.frames) digest.update(section.bytes);
      else {
        for (const line of section.lines) {
          frames += 1;
          const frame = parseFrameRef(line, archives);
          const { storedLength, plainLength, sha256, plainDigest } = frame;
          const place = frame.archive === 0 ? frame.offset : null;
          digest.update(JSON.stringify([place, storedLength, plainLength, sha256, plainDigest === true]));
        }
      }
      section.done();
    }
    return digest.digest('hex');
  });
}

/**
 * Checks the manifest an archive carries. The `own` archive of backup `id` must say what the sidecar says; an older one,
 * only drawn on, has that of another backup and need only be whole. Gives what is wrong; throws `CORRUPT` for what cannot
 * be read.
 */
export function compareManifests(
  fs: FileSystem,
  archive: ManifestSource,
  sidecar: string,
  id: string,
  own: boolean,
): string | undefined {
  if (!own) {
    withFile(fs, archive.path, (fd) => {
      for (const frame of openText(fs, fd, archive.format).footer.frames) readStored(fs, fd, frame);
    });
    return undefined;
  }
  const { header } = openEmbedded(fs, archive, archive.path);
  if (header.id !== id) return 'The archive is that of another backup.';
  const same = bodyDigest(fs, archive) === bodyDigest(fs, { path: sidecar, format: undefined });
  return same ? undefined : 'The manifest inside the archive differs from the one beside it.';
}
