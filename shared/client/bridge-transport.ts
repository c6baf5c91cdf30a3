import { FrameTransport } from './frame-transport.ts';
import type { PickFileOptions } from './host.ts';
import type { Transport } from './transport.ts';

/**
 * What the preload of the desktop shell exposes as `window.larder`, frozen. Frames are JSON text
 * (see shared/contract/frames.ts); there is no other channel.
 */
export interface Bridge {
  /** Takes a call frame; resolves with its result or error frame. */
  request(frame: string): Promise<string>;
  cancel(id: string): void;
  /** Hears hello, event and disconnected frames; the returned function ends it. */
  subscribe(listener: (frame: string) => void): () => void;
  readonly host: {
    readonly platform: string;
    /** Native folder dialog; what is chosen may then be named in calls. */
    pickFolder(options: { title: string; defaultPath?: string }): Promise<string | undefined>;
    /** Native dialog for a file to read or to write; what is chosen may then be named in calls. */
    pickFile(options: PickFileOptions): Promise<string | undefined>;
    revealPath(path: string): Promise<void>;
    onMenuAction(listener: (action: string) => void): () => void;
  };
}

/** The Electron IPC carrier, as the window sees it. */
export function createBridgeTransport(bridge: Bridge): Transport {
  let stop: (() => void) | undefined;
  const transport = new FrameTransport(
    (text) => {
      const frame = JSON.parse(text) as { t: string; id?: string };
      if (frame.t === 'call') {
        bridge.request(text).then(
          (reply) => transport.receive(reply),
          (error: unknown) => {
            const message = error instanceof Error ? error.message : String(error);
            transport.receive(
              JSON.stringify({ t: 'error', id: frame.id, error: { code: 'INTERNAL', message, retryable: true } }),
            );
          },
        );
      } else if (frame.t === 'cancel') bridge.cancel(frame.id ?? '');
      else if (frame.t === 'subscribe') {
        stop?.();
        stop = bridge.subscribe((event) => transport.receive(event));
      } else {
        stop?.();
        stop = undefined;
      }
    },
    () => stop?.(),
  );
  return transport;
}
