import type { MessagePort } from 'node:worker_threads';
import type { ErrorData } from '../../shared/contract/index.ts';

/** What the engine thread is started with. */
export interface ThreadData {
  readonly home: string;
  readonly version: string;
  readonly live: boolean;
  readonly validateOutput: boolean;
}

/** From the shell to the engine thread, over the worker's own channel; windows never speak on it. */
export type HostMessage =
  | { readonly t: 'connect'; readonly session: number; readonly port: MessagePort; readonly paths: 'any' | 'granted' }
  | { readonly t: 'stop' };

/**
 * From the shell to a session, on the session's own port so that it arrives before the calls that rely on it. An object,
 * where a window's frames are text: no window can say it.
 */
export interface GrantMessage {
  readonly grant: string;
}

/** From the engine thread to the shell. */
export type ThreadMessage =
  | { readonly t: 'ready' }
  /** It cannot start at all, and starting again would not help. */
  | { readonly t: 'refused'; readonly error: ErrorData }
  | { readonly t: 'stopped' };
