export { createStores } from './capability.ts';
export { isInside, overlap } from './overlap.ts';
export { inferAreas, inferRole } from './roles.ts';
export { storeMigrations, Stores } from './registry.ts';
