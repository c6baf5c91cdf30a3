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

/** What a payload of some length can hold. */
export interface PayloadLayout {
  readonly chunks: number;
  /** Plain bytes in them. */
  readonly size: number;
  /** Whether a payload can have this length; otherwise something is behind the last chunk that is too short to be one. */
  readonly fits: boolean;
}

/** `sealed`: bytes after the nonce. */
export function payloadLayout(sealed: number): PayloadLayout {
  const full = Math.max(0, Math.floor(sealed / sealedChunkBytes));
  const rest = sealed - full * sealedChunkBytes;
  // Only an empty file has an empty last chunk.
  if (rest > tagBytes || (full === 0 && rest === tagBytes)) {
    return { chunks: full + 1, size: full * chunkBytes + rest - tagBytes, fits: true };
  }
  return { chunks: full, size: full * chunkBytes, fits: full > 0 && rest === 0 };
}
