export { openDatabase } from './database.ts';
export type { Database, Migration } from './types.ts';
