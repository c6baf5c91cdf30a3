export { createUsage } from './usage.ts';
export type { Usage } from './usage.ts';
export { readMounts } from './mount-table.ts';
export { isNetworkType, mountOf, mountsBelow, parseMountInfo } from './mounts.ts';
export type { Mount } from './mounts.ts';
