export { createStores } from './capability.ts';
export type { StoresCapability } from './capability.ts';
export { assertOutsideStores } from './outside-stores.ts';
export { isInside, overlap } from './overlap.ts';
export { storeMigrations, Stores } from './registry.ts';
