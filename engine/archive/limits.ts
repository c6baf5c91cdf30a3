/** Sizes the format is built on (docs/archive-format.md), and bounds that input is held to before anything is allocated. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** A file above this is cut in pieces of this size, a frame each. */
export const pieceBytes = 4 * MiB;
/** Tar bytes that small entries are gathered to, a frame. */
export const groupBytes = { zst: 4 * MiB, tar: 4 * MiB, gz: 1 * MiB } as const;
/** No frame of tar bytes is longer, decompressed. The writer stays well below. */
export const maxFramePlain = 16 * MiB;
/** A compressor adds at most this to what it cannot shrink. */
export const maxFrameStored = maxFramePlain + 64 * KiB;
/**
 * Text gathered to the next frame of a manifest of which so many are there: small ones, which take little memory to read,
 * until a long manifest would have too many of them.
 */
export function manifestFrameBytes(frames: number): number {
  return frames < 512 ? 512 * KiB : 4 * MiB;
}
export const maxManifestFramePlain = 64 * MiB;
export const maxManifestFrameStored = maxManifestFramePlain + 256 * KiB;
/** So that the footer fits the Extra field of a gzip member (65,535 bytes). */
export const maxManifestFrames = 1_600;
export const maxFrames = 4_000_000;
export const maxArchives = 10_000;
export const maxPathLength = 32_768;
export const maxTargetLength = 65_536;
/** A file that keeps changing is read once, and again five times. */
export const maxReads = 6;
/** Room for the tar bytes of one frame while it is put together: a full group, or one file just below the cut. */
export const frameRoom = 6 * MiB;
