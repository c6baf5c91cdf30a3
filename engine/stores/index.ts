export { createStores } from './capability.ts';
export type { StoresCapability } from './capability.ts';
export { isInside, overlap } from './overlap.ts';
export { storeMigrations, Stores } from './registry.ts';
