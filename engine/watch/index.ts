export { watchDirectory } from './directories.ts';
export type { WatchDirectory } from './directories.ts';
export { queuedEventsLimit, watchLimitError } from './limits.ts';
export type { OpenWatcher } from './ordinary.ts';
export { planWatch } from './plan.ts';
export type { WatchPlan } from './plan.ts';
export { StoreWatch } from './store-watch.ts';
export type { StoreWatchOptions } from './store-watch.ts';
