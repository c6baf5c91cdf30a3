export { History, historyMigrations, sampleEveryMs, thin } from './history.ts';
export type { AreaSample, UsageSample } from './history.ts';
