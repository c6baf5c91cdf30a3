import { randomBytes, scryptSync } from 'node:crypto';
import { LarderError } from '../../shared/contract/index.ts';
import { aead, tagBytes } from './chacha.ts';
import { damaged, decodeBase64, encodeBase64, fileKeyBytes } from './header.ts';
import type { Stanza } from './header.ts';

/** The passphrase recipient type (age-encryption.org/v1, section "The scrypt recipient type"). */

const type = 'scrypt';
const label = 'age-encryption.org/v1/scrypt';
const saltBytes = 16;
const blockSize = 8;
const nonce = new Uint8Array(12);
/** As the `age` command: about half a second and 256 MiB. */
export const defaultWorkFactor = 18;
/** As the `age` command: 4 GiB and some ten seconds. A file that asks for more is refused. */
export const maxWorkFactor = 22;

function derive(passphrase: string, salt: Uint8Array, workFactor: number): Uint8Array {
  const cost = 2 ** workFactor;
  // What it takes (RFC 7914), and some more for OpenSSL's own.
  const maxmem = 128 * blockSize * (cost + 8);
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), salt]);
  try {
    return scryptSync(passphrase, labelled, 32, { N: cost, r: blockSize, p: 1, maxmem });
  } catch (error) {
    throw new LarderError('LIMIT_REACHED', 'Deriving a key from the passphrase takes more memory than there is.', {
      hint: `About ${Math.ceil((128 * blockSize * cost) / 2 ** 20)} MiB are needed for this file.`,
      cause: error,
    });
  }
}

export function wrapForPassphrase(fileKey: Uint8Array, passphrase: string, workFactor = defaultWorkFactor): Stanza {
  const salt = randomBytes(saltBytes);
  const body = new Uint8Array(fileKeyBytes + tagBytes);
  aead(derive(passphrase, salt, workFactor)).seal(nonce, fileKey, body);
  return { args: [type, encodeBase64(salt), String(workFactor)], body };
}

export function isForPassphrase(stanzas: readonly Stanza[]): boolean {
  return stanzas.some(({ args }) => args[0] === type);
}

/**
 * Gives the file key for the passphrase that fits, undefined for none. Throws `HeaderError`, and `LIMIT_REACHED` for a work
 * factor that would stall the machine.
 */
export function unwrapByPassphrases(
  stanzas: readonly Stanza[],
  passphrases: readonly string[],
): Uint8Array | undefined {
  const [stanza, ...others] = stanzas;
  // Together with other recipients a passphrase would not say who made the file, so the format forbids it.
  if (stanza === undefined || others.length > 0 || stanza.args.length !== 3) throw damaged();
  const [, saltText = '', factorText = ''] = stanza.args;
  const salt = decodeBase64(saltText);
  if (salt?.length !== saltBytes || !/^[1-9][0-9]*$/.test(factorText)) throw damaged();
  if (stanza.body.length !== fileKeyBytes + tagBytes) throw damaged();
  const workFactor = Number(factorText);
  if (workFactor > maxWorkFactor) {
    throw new LarderError('LIMIT_REACHED', `The file's passphrase has a work factor of ${factorText.slice(0, 20)}.`, {
      hint: `Larder tries none above ${maxWorkFactor}, which takes seconds and gigabytes. Decrypt it with the age command.`,
    });
  }
  for (const passphrase of passphrases) {
    const fileKey = new Uint8Array(fileKeyBytes);
    if (aead(derive(passphrase, salt, workFactor)).open(nonce, stanza.body, fileKey)) return fileKey;
  }
  return undefined;
}
