import type { PickFileOptions } from '../shared/client/host.ts';
import type { Bridge } from '../shared/client/bridge-transport.ts';
import { channels } from './channels.ts';
import type { HostReply } from './channels.ts';

/** The part of Electron's `ipcRenderer` that the bridge uses. */
export interface IpcPort {
  invoke(channel: string, ...args: unknown[]): Promise<unknown>;
  send(channel: string, ...args: unknown[]): void;
  on(channel: string, listener: (event: unknown, ...args: unknown[]) => void): void;
}

/** Hands each text that arrives on a channel to everyone who listens, and nothing else of the message. */
function textsOn(ipc: IpcPort, channel: string): Set<(text: string) => void> {
  const listeners = new Set<(text: string) => void>();
  ipc.on(channel, (_event, text) => {
    if (typeof text !== 'string') return;
    for (const listener of [...listeners]) listener(text);
  });
  return listeners;
}

async function hostCall<Value>(answer: Promise<unknown>): Promise<Value> {
  const reply = (await answer) as HostReply<Value>;
  if (reply.ok) return reply.value;
  throw new Error(reply.message);
}

/**
 * What the page is given: functions for the few things it may ask, frozen through and through. Neither a channel name
 * nor an event object nor anything of Electron's is within its reach.
 */
export function createBridge(ipc: IpcPort, platform: string): Bridge {
  const frameListeners = textsOn(ipc, channels.frame);
  const menuListeners = textsOn(ipc, channels.menuAction);

  return Object.freeze({
    request: (frame: string) => ipc.invoke(channels.request, frame) as Promise<string>,
    cancel(id: string) {
      ipc.send(channels.cancel, id);
    },
    subscribe(listener: (frame: string) => void) {
      const own = (frame: string): void => listener(frame);
      frameListeners.add(own);
      ipc.send(channels.subscribe);
      return () => {
        if (frameListeners.delete(own) && frameListeners.size === 0) ipc.send(channels.unsubscribe);
      };
    },
    host: Object.freeze({
      platform,
      pickFolder: (options: { title: string; defaultPath?: string }) =>
        hostCall<string | undefined>(ipc.invoke(channels.pickFolder, options)),
      pickFile: (options: PickFileOptions) => hostCall<string | undefined>(ipc.invoke(channels.pickFile, options)),
      revealPath: (path: string) => hostCall<undefined>(ipc.invoke(channels.revealPath, path)),
      onMenuAction(listener: (action: string) => void) {
        const own = (action: string): void => listener(action);
        menuListeners.add(own);
        return () => {
          menuListeners.delete(own);
        };
      },
    }),
  });
}
