import type { BackupReader } from './types.ts';

/** Keys of encrypted archives as the manifest tells them, by absolute path. Archives made anew since may be without. */
export function toldKeys({
  archives,
  archivePaths,
}: Pick<BackupReader, 'archives' | 'archivePaths'>): Record<string, Uint8Array> {
  const keys: Record<string, Uint8Array> = {};
  archives.forEach(({ fileKey }, index) => {
    const path = archivePaths[index];
    if (fileKey !== undefined && path !== undefined) keys[path] = Uint8Array.from(Buffer.from(fileKey, 'hex'));
  });
  return keys;
}
