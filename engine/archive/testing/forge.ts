import { createHash } from 'node:crypto';
import nodeFsModule from 'node:fs';
import { makeFrame } from '../codec.ts';
import { encodeFooter } from '../footer.ts';

/** Manifests as a forger would write them. */

export const digest = 'ab'.repeat(32);
export const header = {
  format: 'larder-backup',
  version: 1,
  id: 'x',
  store: { id: 's', name: 's', path: '/s' },
  kind: 'full',
  archiveFormat: 'zst',
  startedAtMs: 0,
  finishedAtMs: 0,
  timeZone: 'UTC',
  host: 'h',
  parent: null,
  tool: 't',
  skipped: [],
  excluded: [],
};
export const root = { path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: '0' };
export const file = {
  path: 'f',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: '0',
  size: 3,
  sha256: digest,
  pieces: [[0, 512, 3]],
  ctime: '0',
  inode: '1',
};

export interface Parts {
  header?: unknown;
  counts?: Record<string, unknown>;
  archives?: unknown[];
  frames?: unknown[];
  entries?: unknown[];
  trailer?: Record<string, unknown>;
  /** Written as it is in place of the entries' frame. */
  rawEntries?: Buffer;
}

/** A manifest whose digests are all right, and whose content is what a forger wants. */
export function forgeManifest(path: string, parts: Parts): string {
  const archives = parts.archives ?? [{ archive: 'a.tar.zst', format: 'zst', size: 10_000, sha256: digest }];
  const frames = parts.frames ?? [[0, 0, 100, 1_024, digest]];
  const entries = (parts.entries ?? [root, file]) as Record<string, unknown>[];
  const ofType = (type: string) => entries.filter((entry) => entry['type'] === type);
  const counts = {
    archives: archives.length,
    frames: frames.length,
    files: ofType('file').length,
    dirs: ofType('dir').length,
    symlinks: ofType('symlink').length,
    bytes: ofType('file').reduce((sum, entry) => sum + Number(entry['size']), 0),
    ...parts.counts,
  };
  const text = (values: unknown[]): Buffer => Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  const sections = [text([parts.header ?? header, { counts }, ...archives])];
  if (frames.length > 0) sections.push(text(frames));
  sections.push(parts.rawEntries ?? text(entries));
  const sha256 = createHash('sha256').update(Buffer.concat(sections)).digest('hex');
  sections.push(text([{ trailer: { entries: entries.length, sha256, ...parts.trailer } }]));
  const stored = sections.map((section) => makeFrame(section, 'zst'));
  let offset = 0;
  const table = stored.map((frame) => {
    const { plainLength, sha256: frameDigest } = frame;
    const record = { offset, storedLength: frame.stored.length, plainLength, sha256: frameDigest };
    offset += frame.stored.length;
    return record;
  });
  const textLength = Buffer.concat(sections).length;
  const footer = encodeFooter({ offset: 0, lead: 0, textLength, frames: table }, 'zst');
  nodeFsModule.writeFileSync(path, Buffer.concat([...stored.map((frame) => frame.stored), footer]));
  return path;
}
