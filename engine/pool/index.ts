export { createInlinePool } from './inline-pool.ts';
export { defineTask } from './task.ts';
export type { Pool, RunOptions, Task, TaskContext } from './task.ts';
export { createThreadPool } from './thread-pool.ts';
export type { TaskReply, TaskRequest } from './thread-pool.ts';
