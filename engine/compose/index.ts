export { createCompose } from './capability.ts';
export type { Compose } from './capability.ts';
export { checkProject } from './check.ts';
export { parseEnv } from './dotenv.ts';
export type { CheckedStore, ExpectedMount, ExpectedVariable } from './rules/context.ts';
export { runCheck } from './run.ts';
export type { CheckRequest } from './run.ts';
