import { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { decodeBech32 } from './bech32.ts';

/** What opens age files. Plain data that goes to pool workers; never written to a log, a job's record or a message. */
export interface AgeKeys {
  readonly passphrases: readonly string[];
  /** X25519 secret keys, 32 bytes each. */
  readonly identities: readonly Uint8Array[];
}

/** Whom a new age file is for. Also secret where it holds a passphrase. */
export type AgeRecipients =
  | { readonly kind: 'passphrase'; readonly passphrase: string; readonly workFactor?: number }
  | { readonly kind: 'recipients'; readonly recipients: readonly Uint8Array[] };

const keyBytes = 32;
const maxSecretFile = 256 * 1024;

/** The 32 bytes of each `age1…` recipient. Throws an error that says which of them is wrong. */
export function parseRecipients(recipients: readonly string[]): Uint8Array[] {
  return recipients.map((text, index) => {
    const decoded = decodeBech32(text.trim());
    if (decoded?.prefix === 'age' && decoded.bytes.length === keyBytes) return decoded.bytes;
    throw badRecipient(text.trim(), `Recipient ${index + 1} of ${recipients.length}`);
  });
}

function badRecipient(text: string, which: string): LarderError {
  // Only what surely is no secret is repeated.
  const shown = /^age1/i.test(text) ? ` (${text.slice(0, 16)}…)` : '';
  if (/^age-(?:secret-key|plugin)/i.test(text)) {
    return new LarderError('INVALID_INPUT', `${which} is a secret key.`, {
      hint: 'Recipients are public keys, age1…; `age-keygen -y FILE` prints that of an identity file.',
    });
  }
  if (/^(?:age1(?:pq|tag|tagpq|[a-z0-9]*1)|ssh-)/i.test(text) && !/^age1[^1]{58}$/i.test(text)) {
    return new LarderError('UNSUPPORTED', `${which}${shown} is a kind of key that Larder does not encrypt to.`, {
      hint: 'Use an X25519 recipient: `age-keygen` makes one.',
    });
  }
  return new LarderError('INVALID_INPUT', `${which}${shown} is not an age recipient, or has a typing error in it.`, {
    hint: 'A recipient is age1 and 58 more letters and digits.',
  });
}

/** The first line of a file. Throws `PERMISSION` where others can read it, `INVALID_INPUT` where it is empty. */
export function readPassphrase(fs: FileSystem, file: string): string {
  const [line = ''] = readSecretFile(fs, file, 'passphrase').split(/\r?\n/, 1);
  if (line !== '') return line;
  throw new LarderError('INVALID_INPUT', `The first line of ${displayName(file)} is empty.`, {
    hint: 'Write the passphrase there.',
    details: { path: file },
  });
}

/** The X25519 identities of a file as `age-keygen` writes it, and its text. Throws an error that says which line is wrong. */
export function readIdentities(fs: FileSystem, file: string): { text: string; identities: Uint8Array[] } {
  const text = readSecretFile(fs, file, 'identity');
  return { text, identities: parseIdentities(text, file) };
}

/** The same of its text alone; `file` is only named. */
export function parseIdentities(content: string, file: string): Uint8Array[] {
  const lines = content.split(/\r?\n/);
  if (/^(?:age-encryption\.org\/|-----BEGIN )/.test(lines[0] ?? '')) {
    throw new LarderError('UNSUPPORTED', `${displayName(file)} is not a plain age identity file.`, {
      hint: 'Name a file as `age-keygen` writes it. One that is itself encrypted, or an SSH key, cannot be used here.',
      details: { path: file },
    });
  }
  const identities: Uint8Array[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const decoded = text.startsWith('AGE-SECRET-KEY-1') ? decodeBech32(text) : undefined;
    if (decoded?.prefix !== 'age-secret-key-' || decoded.bytes.length !== keyBytes)
      throw badIdentity(text, file, index);
    identities.push(decoded.bytes);
  }
  if (identities.length > 0) return identities;
  throw new LarderError('INVALID_INPUT', `${displayName(file)} has no identity in it.`, {
    hint: 'A line of it must begin with AGE-SECRET-KEY-1.',
    details: { path: file },
  });
}

function badIdentity(text: string, file: string, index: number): LarderError {
  const which = `Line ${index + 1} of ${displayName(file)}`;
  if (/^AGE-(?:PLUGIN-|SECRET-KEY-[A-Z])/.test(text)) {
    return new LarderError('UNSUPPORTED', `${which} is a kind of key that Larder does not know.`, {
      hint: 'Larder opens files by X25519 keys, AGE-SECRET-KEY-1….',
      details: { path: file },
    });
  }
  return new LarderError('INVALID_INPUT', `${which} is not an age identity.`, {
    hint: 'Each line must be one AGE-SECRET-KEY-1…, a comment after #, or empty.',
    details: { path: file },
  });
}

function readSecretFile(fs: FileSystem, file: string, what: 'passphrase' | 'identity'): string {
  let bytes: Buffer;
  try {
    // Opening a pipe would wait for whoever writes to it.
    if (!fs.stat(file).isFile()) throw notSecretFile(file, what);
    const fd = fs.open(file, 'r');
    try {
      const stats = fs.fstat(fd);
      if (!stats.isFile() || stats.size > BigInt(maxSecretFile)) throw notSecretFile(file, what);
      if (process.platform !== 'win32' && (stats.mode & 0o077n) !== 0n) throw notPrivate(file, what);
      bytes = Buffer.alloc(Number(stats.size));
      bytes = bytes.subarray(0, fs.read(fd, bytes, 0, bytes.length, 0));
    } finally {
      fs.close(fd);
    }
  } catch (error) {
    throw toLarderError(error, file);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not as the cause: the decoder's error might carry the bytes.
    throw notSecretFile(file, what);
  }
}

function notPrivate(file: string, what: string): LarderError {
  return new LarderError('PERMISSION', `${displayName(file)} can be read or changed by other users.`, {
    hint: `Keep the ${what} to yourself: chmod 600 ${displayName(file)}`,
    details: { path: file },
  });
}

function notSecretFile(file: string, what: string): LarderError {
  return new LarderError(
    'INVALID_INPUT',
    `${displayName(file)} is not ${what === 'identity' ? 'an' : 'a'} ${what} file.`,
    {
      hint: what === 'identity' ? 'Name a file as `age-keygen` writes it.' : 'Name a text file whose first line it is.',
      details: { path: file },
    },
  );
}
