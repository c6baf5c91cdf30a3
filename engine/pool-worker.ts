import { parentPort } from 'node:worker_threads';
import { LarderError } from '../shared/contract/index.ts';
import { decrypting } from './age/index.ts';
import { nodeFs, toLarderError } from './fs/index.ts';
import type { Task } from './pool/index.ts';
import type { TaskReply, TaskRequest } from './pool/index.ts';
import { allTasks } from './pool/tasks.ts';

/** Entry of a pool worker: runs one task after another. */

if (parentPort === null) throw new Error('engine/pool-worker runs as a worker thread only.');
const port = parentPort;
const tasks = new Map<string, Task<unknown, unknown>>(
  allTasks.map((task) => [task.name, task as unknown as Task<unknown, unknown>]),
);

function reply(message: TaskReply, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer as ArrayBuffer[]);
}

async function run({ id, name, input, cancel, keys }: TaskRequest): Promise<void> {
  const flag = new Int32Array(cancel);
  const cancelled = (): boolean => Atomics.load(flag, 0) !== 0;
  try {
    const task = tasks.get(name);
    if (task === undefined) throw new LarderError('INTERNAL', `No task is called ${name}.`);
    const output = await task.run(input, {
      fs: decrypting(nodeFs, keys),
      cancelled,
      throwIfCancelled() {
        if (cancelled()) throw new LarderError('CANCELLED', 'Cancelled.');
      },
      post: (message, transfer) => reply({ t: 'message', id, message }, transfer),
    });
    reply({ t: 'done', id, output }, task.transfer?.(output));
  } catch (error) {
    reply({ t: 'failed', id, error: toLarderError(error).toData() });
  }
}

// One after another, also where a task is asynchronous: tasks may be given ahead.
let last: Promise<void> = Promise.resolve();
port.on('message', (request: TaskRequest) => {
  last = last.then(() => run(request));
});
