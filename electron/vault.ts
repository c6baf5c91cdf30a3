import type { SafeStorage } from 'electron';
import type { KeyVault, VaultState } from '../engine/host/index.ts';

/** The part of Electron's `safeStorage` that keeps secrets. */
export type Keychain = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

const linuxNames: Readonly<Record<string, string>> = {
  gnome_libsecret: 'the keyring of this desktop',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
};
const noKeyring: VaultState = {
  ready: false,
  reason: 'This desktop session has no keyring (GNOME keyring or KWallet) that is running.',
};

/**
 * The keychain of the operating system for the engine. On Linux Electron falls back to a key that is the same on every
 * machine (`basic_text`), which protects nothing: that counts as none.
 */
export function createVault(keychain: Keychain, platform: string): KeyVault {
  async function state(): Promise<VaultState> {
    const backend = platform === 'linux' ? keychain.getSelectedStorageBackend() : undefined;
    if (backend === 'basic_text' || backend === 'unknown') return noKeyring;
    if (!(await keychain.isAsyncEncryptionAvailable())) {
      return platform === 'linux' ? noKeyring : { ready: false, reason: 'The keychain of this system cannot be used.' };
    }
    if (backend !== undefined) return { ready: true, name: linuxNames[backend] ?? 'the keyring of this desktop' };
    return { ready: true, name: platform === 'darwin' ? 'the macOS keychain' : 'the protected storage of Windows' };
  }

  return {
    state,
    seal: (text) => keychain.encryptStringAsync(text),
    async open(sealed) {
      return (await keychain.decryptStringAsync(Buffer.from(sealed))).result;
    },
  };
}
