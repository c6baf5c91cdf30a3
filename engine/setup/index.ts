export { createSetup } from './capability.ts';
export { setupMigrations } from './records.ts';
