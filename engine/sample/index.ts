export { createSample } from './capability.ts';
export type { AddStore } from './capability.ts';
