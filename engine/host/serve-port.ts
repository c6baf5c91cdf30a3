import type { MessagePort } from 'node:worker_threads';
import type { Session } from '../dispatch/index.ts';

/** The engine's end of the worker-port carrier: one session over one port, until the port closes. */
export function servePort(port: MessagePort, open: (deliver: (frame: string) => void) => Session): Session {
  const session = open((frame) => port.postMessage(frame));
  port.on('message', (frame: unknown) => session.receive(frame));
  port.on('close', () => session.close());
  return session;
}
