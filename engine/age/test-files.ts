import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFs } from '../fs/index.ts';
import type { AgeKeys, AgeRecipients } from './keys.ts';
import { readLayout, withOpen } from './layout.ts';
import { openAge } from './reader.ts';
import { unlock } from './unlock.ts';
import { AgeWriter, startAge } from './writer.ts';
import { recipientOf } from './x25519.ts';

/** What the tests of this folder share. */

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'larder-age-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export const identity = new Uint8Array(32).fill(7);
export const otherIdentity = new Uint8Array(32).fill(9);
export const forIdentity: AgeRecipients = { kind: 'recipients', recipients: [recipientOf(identity)] };
export const byIdentity: AgeKeys = { passphrases: [], identities: [identity] };

/** Bytes that differ from place to place. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x2545f491;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

export function encrypted(plain: Uint8Array, to: AgeRecipients = forIdentity): Buffer {
  const parts: Uint8Array[] = [];
  const writer = new AgeWriter(startAge(to), (bytes) => parts.push(Buffer.from(bytes)));
  writer.append(plain);
  writer.finish();
  return Buffer.concat(parts);
}

/** The whole plain bytes of the age file at `path`. */
export function decrypted(path: string, keys: AgeKeys = byIdentity): Buffer {
  return withOpen(nodeFs, path, (fd) => {
    const fileKey = unlock(readLayout(nodeFs, fd, path), keys, path);
    const reader = openAge(nodeFs, fd, fileKey, path);
    reader.checkEnd();
    const plain = Buffer.alloc(reader.size);
    reader.read(plain, 0, plain.length, 0);
    return plain;
  });
}

/** Gives the bytes a name in the folder. */
export function fileOf(folder: string, bytes: Uint8Array, name = 'file.age'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}
