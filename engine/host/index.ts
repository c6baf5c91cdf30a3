export { startEngineThread } from './engine-thread.ts';
export type { EngineConnection, EngineState, EngineThread, EngineThreadOptions } from './engine-thread.ts';
export { entryUrl } from './entry-url.ts';
export { larderHome } from './home.ts';
export { keyFilesIn } from './key-files.ts';
export type { KeyFiles, KeyVault, VaultState } from '../secrets/index.ts';
