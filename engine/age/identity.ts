import { generateKeyPairSync } from 'node:crypto';
import { encodeBech32 } from './bech32.ts';
import { recipientOf } from './x25519.ts';

/** A new X25519 identity: the text of a file as `age-keygen` writes it, and the recipient that belongs to it. */
export function createIdentity(now: Date): { readonly file: string; readonly recipient: string } {
  const identity = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const recipient = encodeBech32('age', recipientOf(identity));
  const secret = encodeBech32('age-secret-key-', identity).toUpperCase();
  const created = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return { file: `# created: ${created}\n# public key: ${recipient}\n${secret}\n`, recipient };
}
