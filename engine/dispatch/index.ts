export { EventBus } from './events.ts';
export { connectInProcess } from './in-process.ts';
export { PathGrants } from './path-grants.ts';
export { Session } from './session.ts';
export type { AnyHandler, SessionOptions } from './session.ts';
