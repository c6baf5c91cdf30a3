export { createSecrets } from './capability.ts';
export { Secrets } from './secrets.ts';
export type { KeyFiles, SecretsParts } from './secrets.ts';
export type { KeyVault, VaultState } from './vault.ts';
