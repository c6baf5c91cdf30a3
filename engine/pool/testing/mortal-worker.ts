import { parentPort } from 'node:worker_threads';
import type { TaskReply, TaskRequest } from '../index.ts';

/** A worker that ends when it is told to, for the test of what the pool then does. */
parentPort?.on('message', (request: TaskRequest) => {
  if (request.input === 'die') process.exit(9);
  parentPort?.postMessage({ t: 'done', id: request.id, output: request.input } satisfies TaskReply);
});
