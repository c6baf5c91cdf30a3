import { isInterfaceUrl, origin } from './address.ts';

/** The part of Electron's `WebFrameMain` that tells who is speaking. */
export interface SenderFrame {
  /** Empty for a frame opened on `about:blank`, which nevertheless reports its parent's origin. */
  readonly url: string;
  readonly origin: string;
  /** Null for a main frame. */
  readonly parent: unknown;
}

/** The part of an IPC event that decides whether it is answered. */
export interface SenderEvent<Contents> {
  readonly sender: Contents;
  /** Null once the frame has navigated or is gone. */
  readonly senderFrame: SenderFrame | null;
}

/**
 * Whether an IPC message comes from the main frame of a window we created, showing the interface.
 *
 * Both the frame's URL and its origin are looked at: a frame on `about:blank` inherits an origin, and an error page
 * keeps a URL.
 */
export function isTrustedSender<Contents>(
  event: SenderEvent<Contents>,
  isOurs: (contents: Contents) => boolean,
): boolean {
  const frame = event.senderFrame;
  if (frame?.parent !== null || !isOurs(event.sender)) return false;
  return frame.origin === origin && frame.url !== '' && isInterfaceUrl(frame.url);
}
