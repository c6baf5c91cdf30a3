export { ArchiveOut } from './archive-out.ts';
export { canCompressZstd, canDecompressZstd, makeFrame, release } from './codec.ts';
export type { StoredFrame } from './codec.ts';
export { FrameReader, inArchive } from './frame-reader.ts';
export type { ArchivePlace } from './frame-reader.ts';
export { decodeFrame } from './frames.ts';
export { InOrder } from './in-order.ts';
export { LateFolders } from './late-folders.ts';
export { groupBytes, pieceBytes } from './limits.ts';
export { isSafePath } from './lines.ts';
export { openBackup, openEmbedded, openUnchecked, readHeader } from './manifest-reader.ts';
export type { BackupSummary } from './manifest-reader.ts';
export { archiveFormat, archiveStem, hasManifest, isEncrypted, manifestStem, parseArchiveName } from './names.ts';
export { Parent } from './parent.ts';
export { carriesBackup, embeddedHead, rebuildTask } from './rebuild.ts';
export { archiveExtensions, freeName } from './names.ts';
export { contentBytes, contentKey, copyFrames, copyManifest, keepsFramesOnly, moveFrames } from './rewrite.ts';
export type {
  CopiedFrames,
  CopyFrames,
  CopyManifest,
  CopySource,
  MovedFrames,
  MoveFrames,
  PlacedFrame,
} from './rewrite.ts';
export { paddedLength, tarHeader } from './tar-header.ts';
export type { TarEntry } from './tar-header.ts';
export { openForReading, vanishedBeforeRead } from './read-file.ts';
export { toldKeys } from './told-keys.ts';
export { verifyBackup } from './verify.ts';
export { writeBackup } from './writer.ts';
export type * from './types.ts';
