/**
 * The keychain of the operating system, as a shell that has one lends it to the engine. Where it does not (a command, a
 * headless server), there is no vault.
 */
export interface KeyVault {
  /** Whether it can be used at this moment: a name for people ("the GNOME keyring"), or why not. */
  state(): Promise<VaultState>;
  /** Rejects when the keychain refuses. */
  seal(text: string): Promise<Uint8Array>;
  /** Rejects when the keychain refuses, or did not seal this. */
  open(sealed: Uint8Array): Promise<string>;
}

export type VaultState =
  { readonly ready: true; readonly name: string } | { readonly ready: false; readonly reason: string };

/** What a shell without a keychain says. */
export const noVault: VaultState = {
  ready: false,
  reason: 'Only the desktop app can use the keychain of the operating system.',
};
