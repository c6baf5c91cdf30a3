import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** The key of the pretended keyring: the same in every run, as that of a person's keyring is. */
const key = createHash('sha256').update('the keyring of the stand-in').digest();

/**
 * Electron's `safeStorage` with a keyring behind it, or without one where `LARDER_STANDIN_KEYRING` is `none` (Electron
 * then says `basic_text`).
 */
export function createSafeStorage(isReady: () => boolean): Record<string, unknown> {
  const hasKeyring = process.env['LARDER_STANDIN_KEYRING'] !== 'none';
  return {
    getSelectedStorageBackend: () => (isReady() ? (hasKeyring ? 'gnome_libsecret' : 'basic_text') : 'unknown'),
    isAsyncEncryptionAvailable: async () => hasKeyring && isReady(),
    async encryptStringAsync(text: string) {
      if (!hasKeyring) throw new Error('Encryption is not available.');
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    async decryptStringAsync(sealed: Buffer) {
      if (!hasKeyring) throw new Error('Encryption is not available.');
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAuthTag(sealed.subarray(-16));
      const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
      return { result: plain.toString('utf8'), shouldReEncrypt: false };
    },
  };
}
