export { startServer, isLoopback } from './start-server.ts';
export type { RunningServer, ServerOptions } from './start-server.ts';
export { codeLifetimeMs } from './sessions.ts';
