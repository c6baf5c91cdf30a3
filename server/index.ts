export { startServer, isLoopback } from './start-server.ts';
export type { RunningServer, ServerOptions } from './start-server.ts';
export { contentSecurityPolicy } from './security-headers.ts';
export { codeLifetimeMs } from './sessions.ts';
