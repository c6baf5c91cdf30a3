export { createDiscover } from './capability.ts';
