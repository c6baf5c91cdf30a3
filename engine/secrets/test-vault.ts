import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyVault } from './vault.ts';

/** A keychain for tests: seals with a key that only it has, and can be locked. No part of the product. */
export interface TestVault extends KeyVault {
  locked: boolean;
  ready: boolean;
  opened: number;
}

export function createTestVault(key = randomBytes(32)): TestVault {
  const vault: TestVault = {
    locked: false,
    ready: true,
    opened: 0,
    state: async () =>
      vault.ready ? { ready: true, name: 'the test keychain' } : { ready: false, reason: 'This test has no keychain.' },
    async seal(text) {
      if (vault.locked) throw new Error('the keychain is locked');
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    async open(sealed) {
      if (vault.locked) throw new Error('the keychain is locked');
      vault.opened += 1;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      decipher.setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8');
    },
  };
  return vault;
}
