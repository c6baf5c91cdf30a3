export { canCompressZstd, canDecompressZstd } from './codec.ts';
export { decodeFrame } from './frames.ts';
export { isSafePath } from './lines.ts';
export { openBackup, readHeader } from './manifest-reader.ts';
export type { BackupSummary } from './manifest-reader.ts';
export { vanishedBeforeRead } from './read-file.ts';
export { verifyBackup } from './verify.ts';
export { writeBackup } from './writer.ts';
export type * from './types.ts';
