import { parentPort, threadId } from 'node:worker_threads';
import type { TaskReply, TaskRequest } from '../index.ts';

/** A worker that ends when it is told to and tells which one it is, for the tests of what the pool then does. */
parentPort?.on('message', (request: TaskRequest) => {
  if (request.input === 'die') process.exit(9);
  const output = request.input === 'who' ? String(threadId) : request.input;
  parentPort?.postMessage({ t: 'done', id: request.id, output } satisfies TaskReply);
});
