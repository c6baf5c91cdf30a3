import type { MessagePort } from 'node:worker_threads';
import type { Session } from '../dispatch/index.ts';
import type { GrantMessage } from './protocol.ts';

/** The engine's end of the worker-port carrier: one session over one port, until the port closes. */
export function servePort(port: MessagePort, open: (deliver: (frame: string) => void) => Session): Session {
  const session = open((frame) => port.postMessage(frame));
  port.on('message', (message: unknown) => {
    if (isGrant(message)) session.grant(message.grant);
    else session.receive(message);
  });
  port.on('close', () => session.close());
  return session;
}

function isGrant(message: unknown): message is GrantMessage {
  return typeof message === 'object' && message !== null && 'grant' in message && typeof message.grant === 'string';
}
