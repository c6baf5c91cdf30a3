import { expect, it } from 'vitest';
import type { KeyVault } from '../secrets/index.ts';
import { answerVault, remoteVault } from './vault-port.ts';

/** The engine's end joined to the shell's. */
function joined(shell: KeyVault | undefined): KeyVault {
  const remote = remoteVault((request) => {
    void answerVault(shell, structuredClone(request)).then((answer) => remote.hear(structuredClone(answer)));
  });
  return remote.vault;
}

const keychain: KeyVault = {
  state: async () => ({ ready: true, name: 'a keychain' }),
  seal: async (text) => Buffer.from(text).reverse(),
  open: async (sealed) => Buffer.from(sealed).reverse().toString(),
};

it('asks the shell and gives each question its own answer', async () => {
  const vault = joined(keychain);
  const sealed = await Promise.all(['ab', 'cd'].map((text) => vault.seal(text)));
  expect(await Promise.all([...sealed.map((each) => vault.open(each)), vault.state()])).toEqual([
    'ab',
    'cd',
    { ready: true, name: 'a keychain' },
  ]);
});

it('rejects with what the keychain says', async () => {
  const locked = joined({ ...keychain, open: () => Promise.reject(new Error('it is locked')) });
  await expect(locked.open(new Uint8Array())).rejects.toThrow('it is locked');
  await expect(joined(undefined).state()).rejects.toThrow('no keychain');
});
