export type { Change } from './changes.ts';
export { followedDirectories } from './directories.ts';
export type { DirectoryFigures, NotedDirectories } from './directories.ts';
export type { DiskFill } from './disk-history.ts';
export { forecastFull, forecastWindowMs } from './forecast.ts';
export type { DiskForecast } from './forecast.ts';
export { History, historyMigrations, sampleEveryMs } from './history.ts';
export type { AreaSample, NotedUsage, Series, UsageSample } from './history.ts';
export { thin } from './thin.ts';
