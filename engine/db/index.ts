export type { Database } from './types.ts';
