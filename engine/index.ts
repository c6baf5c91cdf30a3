export { createEngine } from './engine.ts';
export type { Engine, EngineOptions, OpenOptions } from './engine.ts';
