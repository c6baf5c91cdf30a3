import type { KeyVault, VaultState } from '../secrets/index.ts';
import type { VaultAnswer, VaultRequest } from './protocol.ts';

/** The shell's keychain as the engine thread sees it: every use is a message to the shell and its answer. */
export function remoteVault(tell: (request: VaultRequest) => void): {
  vault: KeyVault;
  hear(answer: VaultAnswer): void;
} {
  const waiting = new Map<number, (answer: VaultAnswer) => void>();
  let asked = 0;

  function ask<T extends VaultState | Uint8Array | string>(request: (id: number) => VaultRequest): Promise<T> {
    asked += 1;
    const id = asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, (answer) => {
        // The other end answers each question with its own kind of value.
        if ('value' in answer) resolve(answer.value as T);
        else reject(new Error(answer.refused));
      });
      tell(request(id));
    });
  }

  return {
    vault: {
      state: () => ask((id) => ({ t: 'vault', id, ask: 'state' })),
      seal: (text) => ask((id) => ({ t: 'vault', id, ask: 'seal', text })),
      open: (sealed) => ask((id) => ({ t: 'vault', id, ask: 'open', sealed })),
    },
    hear(answer) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    },
  };
}

/** The shell's end: asks the keychain and never throws. */
export async function answerVault(vault: KeyVault | undefined, request: VaultRequest): Promise<VaultAnswer> {
  const { id } = request;
  try {
    if (vault === undefined) throw new Error('there is no keychain');
    switch (request.ask) {
      case 'state':
        return { t: 'vault', id, value: await vault.state() };
      case 'seal':
        return { t: 'vault', id, value: await vault.seal(request.text) };
      case 'open':
        return { t: 'vault', id, value: await vault.open(request.sealed) };
    }
  } catch (error) {
    return { t: 'vault', id, refused: error instanceof Error ? error.message : String(error) };
  }
}
