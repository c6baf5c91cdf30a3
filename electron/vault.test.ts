import { expect, it } from 'vitest';
import { createVault } from './vault.ts';
import type { Keychain } from './vault.ts';

type Backend = ReturnType<Keychain['getSelectedStorageBackend']>;

function keychain(backend: Backend, available = true): Keychain {
  return {
    isAsyncEncryptionAvailable: async () => available,
    encryptStringAsync: async (text) => Buffer.from(`sealed ${text}`),
    decryptStringAsync: async (sealed) => ({
      shouldReEncrypt: false,
      result: sealed.toString('utf8').replace('sealed ', ''),
    }),
    getSelectedStorageBackend: () => backend,
  };
}

it.each<[string, Backend, boolean, boolean]>([
  ['linux', 'gnome_libsecret', true, true],
  ['linux', 'kwallet6', true, true],
  // The key of `basic_text` is the same everywhere.
  ['linux', 'basic_text', true, false],
  ['linux', 'unknown', true, false],
  ['linux', 'gnome_libsecret', false, false],
  ['darwin', 'unknown', true, true],
  ['darwin', 'unknown', false, false],
  ['win32', 'unknown', true, true],
])('on %s with %s, available %s, it is ready: %s', async (platform, backend, available, ready) => {
  const state = await createVault(keychain(backend, available), platform).state();
  expect(state.ready).toBe(ready);
  expect('name' in state ? state.name : state.reason).not.toBe('');
});

it('seals and opens', async () => {
  const vault = createVault(keychain('kwallet6'), 'linux');
  const sealed = await vault.seal('text');
  expect(Buffer.from(sealed).toString()).toBe('sealed text');
  // As it arrives from another thread.
  expect(await vault.open(Uint8Array.from(sealed))).toBe('text');
});
