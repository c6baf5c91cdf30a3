export { createUsage } from './usage.ts';
export type { Usage } from './usage.ts';
export { isNetworkType, mountOf, parseMountInfo } from './mounts.ts';
export type { Mount } from './mounts.ts';
