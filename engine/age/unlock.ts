import { corrupt, headerProblem, locked } from './errors.ts';
import { isAuthentic } from './header.ts';
import type { AgeKeys } from './keys.ts';
import type { AgeLayout } from './layout.ts';
import { isForPassphrase, unwrapByPassphrases } from './scrypt.ts';
import { unwrapByIdentity } from './x25519.ts';

/**
 * The file key, by the first of the keys that opens it. A passphrase takes half a second and more each. Throws
 * `PERMISSION` with `details.fix` `unlock` when none does, `CORRUPT` for a header that was tampered with, `LIMIT_REACHED`
 * for a work factor that is too high; all name `path`.
 */
export function unlock({ header }: AgeLayout, keys: AgeKeys, path: string): Uint8Array {
  const { stanzas } = header;
  const byPassphrase = isForPassphrase(stanzas);
  let fileKey: Uint8Array | undefined;
  try {
    if (byPassphrase) fileKey = unwrapByPassphrases(stanzas, keys.passphrases);
    for (const identity of byPassphrase ? [] : keys.identities) fileKey ??= unwrapByIdentity(stanzas, identity);
  } catch (error) {
    throw headerProblem(error, path);
  }
  if (fileKey === undefined) {
    throw byPassphrase
      ? locked(path, 'passphrase', keys.passphrases.length)
      : locked(path, 'identity', keys.identities.length);
  }
  if (!isAuthentic(header, fileKey)) throw corrupt(path, 'has a header that was changed after it was made', 'digest');
  return fileKey;
}
