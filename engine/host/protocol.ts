import type { MessagePort } from 'node:worker_threads';
import type { ErrorData } from '../../shared/contract/index.ts';
import type { KeyFiles, VaultState } from '../secrets/index.ts';

/** What the engine thread is started with. */
export interface ThreadData {
  readonly home: string;
  readonly version: string;
  readonly live: boolean;
  readonly validateOutput: boolean;
  /** Whether the shell answers `VaultRequest`s. */
  readonly hasVault: boolean;
  readonly keyFiles: KeyFiles | undefined;
}

/** What the engine asks of the shell's keychain. It crosses between threads of one process and nowhere else. */
export type VaultRequest =
  | { readonly t: 'vault'; readonly id: number; readonly ask: 'state' }
  | { readonly t: 'vault'; readonly id: number; readonly ask: 'seal'; readonly text: string }
  | { readonly t: 'vault'; readonly id: number; readonly ask: 'open'; readonly sealed: Uint8Array };

export type VaultAnswer =
  | { readonly t: 'vault'; readonly id: number; readonly value: VaultState | Uint8Array | string }
  | { readonly t: 'vault'; readonly id: number; readonly refused: string };

/** From the shell to the engine thread, over the worker's own channel; windows never speak on it. */
export type HostMessage =
  | { readonly t: 'connect'; readonly session: number; readonly port: MessagePort; readonly paths: 'any' | 'granted' }
  | VaultAnswer
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
  | VaultRequest
  | { readonly t: 'ready' }
  /** It cannot start at all, and starting again would not help. */
  | { readonly t: 'refused'; readonly error: ErrorData }
  | { readonly t: 'stopped' };
