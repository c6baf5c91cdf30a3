import { parentPort } from 'node:worker_threads';
import type { HostMessage, ThreadMessage } from '../host/protocol.ts';
import { servePort } from '../host/serve-port.ts';
import { createConformanceEngine } from './conformance-engine.ts';

/** Thread entry that serves the conformance engine the way `engine/thread` serves the real one. */
const engine = createConformanceEngine();
parentPort?.on('message', (message: HostMessage) => {
  if (message.t === 'connect') servePort(message.port, (deliver) => engine.open(deliver));
  else {
    parentPort?.postMessage({ t: 'stopped' } satisfies ThreadMessage);
    parentPort?.close();
  }
});
parentPort?.postMessage({ t: 'ready' } satisfies ThreadMessage);
