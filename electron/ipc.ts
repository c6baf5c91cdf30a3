import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { toLarderError } from '../engine/fs/index.ts';
import { channels } from './channels.ts';
import type { HostReply } from './channels.ts';
import type { EngineLink } from './engine-link.ts';
import { isTrustedSender } from './sender.ts';

/** What one window may ask for. */
export interface WindowServices {
  readonly link: EngineLink;
  pickFolder(options: unknown): Promise<string | undefined>;
  pickFile(options: unknown): Promise<string | undefined>;
  revealPath(path: unknown): Promise<void>;
}

export interface IpcOptions {
  readonly ipc: Pick<IpcMain, 'handle' | 'on'>;
  /** The services of a window we created; undefined for any other. */
  readonly servicesOf: (contents: WebContents) => WindowServices | undefined;
  /** Hears of messages from senders that have no business here. */
  readonly onRefused: (channel: string, url: string) => void;
}

/**
 * Every IPC handler of the main process. Each one goes through the same gate: the main frame of a window we created,
 * showing the interface, with exactly the arguments the channel has.
 */
export function registerIpc({ ipc, servicesOf, onRefused }: IpcOptions): void {
  function admit(
    channel: string,
    event: IpcMainEvent | IpcMainInvokeEvent,
    args: readonly unknown[],
    arity: number,
  ): WindowServices | undefined {
    const services = servicesOf(event.sender);
    const trusted = isTrustedSender(event, () => services !== undefined);
    if (trusted && args.length === arity) return services;
    onRefused(channel, event.senderFrame?.url ?? '');
    return undefined;
  }

  function answer(channel: string, arity: number, run: (window: WindowServices, ...args: unknown[]) => unknown): void {
    ipc.handle(channel, async (event, ...args: unknown[]) => {
      const services = admit(channel, event, args, arity);
      if (services === undefined) throw new Error('This page may not speak to Larder.');
      return run(services, ...args);
    });
  }

  function hear(channel: string, arity: number, run: (window: WindowServices, ...args: unknown[]) => void): void {
    ipc.on(channel, (event, ...args: unknown[]) => {
      const services = admit(channel, event, args, arity);
      if (services !== undefined) run(services, ...args);
    });
  }

  function answerHost(channel: string, run: (window: WindowServices, input: unknown) => Promise<unknown>): void {
    answer(channel, 1, async (window, input): Promise<HostReply<unknown>> => {
      if (!window.link.allow()) return { ok: false, message: 'The window is asking too much at once.' };
      try {
        return { ok: true, value: await run(window, input) };
      } catch (error) {
        const { message, hint } = toLarderError(error);
        return { ok: false, message: hint === undefined ? message : `${message} ${hint}` };
      }
    });
  }

  answer(channels.request, 1, (window, frame) => window.link.request(frame));
  hear(channels.cancel, 1, (window, id) => window.link.cancel(id));
  hear(channels.subscribe, 0, (window) => {
    if (window.link.allow()) window.link.subscribe();
  });
  hear(channels.unsubscribe, 0, (window) => window.link.unsubscribe());
  answerHost(channels.pickFolder, (window, options) => window.pickFolder(options));
  answerHost(channels.pickFile, (window, options) => window.pickFile(options));
  answerHost(channels.revealPath, (window, path) => window.revealPath(path));
}
