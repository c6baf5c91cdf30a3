export { createCompose } from './capability.ts';
export type { Compose } from './capability.ts';
export { parseEnv } from './dotenv.ts';
export type { EnvLine } from './dotenv.ts';
