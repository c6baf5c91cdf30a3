import { FrameTransport } from '../../shared/client/index.ts';
import type { Transport } from '../../shared/client/index.ts';
import type { Session } from './session.ts';

/** The in-process carrier: the session's frames without a wire between, each in a turn of its own. */
export function connectInProcess(open: (deliver: (frame: string) => void) => Session): Transport {
  const session = open((frame) => queueMicrotask(() => transport.receive(frame)));
  const transport = new FrameTransport(
    (frame) => queueMicrotask(() => session.receive(frame)),
    () => session.close(),
  );
  return transport;
}
