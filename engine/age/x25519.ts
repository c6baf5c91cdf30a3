import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import { aead, tagBytes } from './chacha.ts';
import { damaged, decodeBase64, encodeBase64, fileKeyBytes, hkdf } from './header.ts';
import type { Stanza } from './header.ts';

/** The X25519 recipient type (age-encryption.org/v1, section "The X25519 recipient type"). */

const type = 'X25519';
const info = 'age-encryption.org/v1/X25519';
const keyBytes = 32;
/** What stands before the 32 bytes of a key in its DER form (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');
/** Every wrap key is used once only. */
const nonce = new Uint8Array(12);

function privateKey(scalar: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, scalar]), format: 'der', type: 'pkcs8' });
}

function publicKey(point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicPrefix, point]), format: 'der', type: 'spki' });
}

function pointOf(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(-keyBytes);
}

/** The recipient that an identity opens files of; both are 32 bytes. */
export function recipientOf(identity: Uint8Array): Uint8Array {
  return pointOf(createPublicKey(privateKey(identity)));
}

/** Throws `INVALID_INPUT` where the recipient is a point of low order, which nobody can have made as a key. */
export function wrapForRecipient(fileKey: Uint8Array, recipient: Uint8Array): Stanza {
  const ephemeral = generateKeyPairSync('x25519');
  const share = pointOf(ephemeral.publicKey);
  let secret: Buffer;
  try {
    secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: publicKey(recipient) });
  } catch (error) {
    throw new LarderError('INVALID_INPUT', 'One of the recipients is not a key that can be encrypted to.', {
      cause: error,
    });
  }
  const body = new Uint8Array(fileKeyBytes + tagBytes);
  aead(hkdf(secret, Buffer.concat([share, recipient]), info)).seal(nonce, fileKey, body);
  return { args: [type, encodeBase64(share)], body };
}

/** The file key, or undefined when none of the stanzas is for this identity. Throws `HeaderError`. */
export function unwrapByIdentity(stanzas: readonly Stanza[], identity: Uint8Array): Uint8Array | undefined {
  const own = privateKey(identity);
  const recipient = pointOf(createPublicKey(own));
  for (const { args, body } of stanzas) {
    if (args[0] !== type) continue;
    const share = args.length === 2 ? decodeBase64(args[1] ?? '') : undefined;
    if (share?.length !== keyBytes || body.length !== fileKeyBytes + tagBytes) throw damaged();
    const salt = Buffer.concat([share, recipient]);
    const fileKey = new Uint8Array(fileKeyBytes);
    if (aead(hkdf(agree(own, share), salt, info)).open(nonce, body, fileKey)) return fileKey;
  }
  return undefined;
}

function agree(own: KeyObject, share: Uint8Array): Buffer {
  try {
    return diffieHellman({ privateKey: own, publicKey: publicKey(share) });
  } catch {
    // A point of low order: the secret would be zero whatever the key.
    throw damaged();
  }
}
