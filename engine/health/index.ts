export { createHealth } from './capability.ts';
export type { HealthOptions } from './capability.ts';
export { healthMigrations } from './migrations.ts';
