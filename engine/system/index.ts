export { createSystem } from './capability.ts';
export { Notices } from './notices.ts';
