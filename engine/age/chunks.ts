import { tagBytes } from './chacha.ts';

/** The payload of an age file: a nonce, then chunks (age-encryption.org/v1, section "Payload"). */

export const chunkBytes = 64 * 1024;
export const sealedChunkBytes = chunkBytes + tagBytes;
export const payloadNonceBytes = 16;

/** Eleven bytes of the chunk's number, big endian, then whether it is the last. */
export function chunkNonce(number: number, last: boolean, into: Uint8Array = new Uint8Array(12)): Uint8Array {
  let rest = number;
  for (let at = 10; at >= 0; at--) {
    into[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  into[11] = last ? 1 : 0;
  return into;
}

/** Chunks and plain bytes of a payload of `sealed` bytes, its nonce not counted. Undefined where there is no such payload. */
export function plainSize(sealed: number): { chunks: number; size: number } | undefined {
  const chunks = Math.max(1, Math.ceil(sealed / sealedChunkBytes));
  const size = sealed - chunks * tagBytes;
  const last = size - (chunks - 1) * chunkBytes;
  // Only an empty file has an empty last chunk.
  return last < 0 || (last === 0 && chunks > 1) ? undefined : { chunks, size };
}
