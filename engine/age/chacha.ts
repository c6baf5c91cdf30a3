import { createCipheriv, createDecipheriv, getCiphers } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

/** ChaCha20-Poly1305 (RFC 8439) under one key, without additional data. */
export interface Aead {
  /** Writes the ciphertext and its tag to `into`, which has {@link tagBytes} more than `plain`. */
  seal(nonce: Uint8Array, plain: Uint8Array, into: Uint8Array): void;
  /** Writes the plain bytes to `into`. False, and nothing of them left there, when the tag does not fit. */
  open(nonce: Uint8Array, sealed: Uint8Array, into: Uint8Array): boolean;
}

export const tagBytes = 16;

const algorithm = 'chacha20-poly1305';

export function nativeAead(key: Uint8Array): Aead {
  return {
    seal(nonce, plain, into) {
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      into.set(cipher.update(plain));
      cipher.final();
      into.set(cipher.getAuthTag(), plain.length);
    },
    open(nonce, sealed, into) {
      const length = sealed.length - tagBytes;
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      decipher.setAuthTag(sealed.subarray(length));
      const plain = decipher.update(sealed.subarray(0, length));
      try {
        decipher.final();
      } catch {
        return false;
      }
      into.set(plain);
      return true;
    },
  };
}

/** The same in JavaScript, about six times slower: for Electron, whose BoringSSL has the cipher but not under a name. */
export function portableAead(key: Uint8Array): Aead {
  return {
    seal(nonce, plain, into) {
      chacha20poly1305(key, nonce).encrypt(plain, into);
    },
    open(nonce, sealed, into) {
      try {
        into.set(chacha20poly1305(key, nonce).decrypt(sealed));
        return true;
      } catch {
        return false;
      }
    },
  };
}

export const aead: (key: Uint8Array) => Aead = getCiphers().includes(algorithm) ? nativeAead : portableAead;
