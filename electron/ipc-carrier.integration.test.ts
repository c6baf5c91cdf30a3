import type { IpcMain, WebContents } from 'electron';
import { startEngineThread } from '../engine/host/index.ts';
import { describeCarrier } from '../engine/testing/conformance.ts';
import { createBridgeTransport } from '../shared/client/index.ts';
import { errorFrameSchema } from '../shared/contract/frames.ts';
import { origin } from './address.ts';
import { createBridge } from './bridge.ts';
import { channels } from './channels.ts';
import { createEngineLink } from './engine-link.ts';
import { registerIpc } from './ipc.ts';

type Listener = (event: unknown, ...args: unknown[]) => unknown;

/** The two ends of Electron's IPC without Electron: what crosses is cloned, and each message takes a turn. */
function createIpcPair(contents: object) {
  const handlers = new Map<string, Listener>();
  const toMain = new Map<string, Listener>();
  const toPage = new Map<string, Listener>();
  const event = { sender: contents, senderFrame: { url: `${origin}/index.html`, origin, parent: null } };
  return {
    main: {
      handle: (channel: string, listener: Listener) => void handlers.set(channel, listener),
      on: (channel: string, listener: Listener) => void toMain.set(channel, listener),
    },
    page: {
      invoke: async (channel: string, ...args: unknown[]) =>
        structuredClone(await handlers.get(channel)?.(event, ...structuredClone(args))),
      send: (channel: string, ...args: unknown[]) => queueMicrotask(() => toMain.get(channel)?.(event, ...args)),
      on: (channel: string, listener: Listener) => void toPage.set(channel, listener),
    },
    sendToPage: (channel: string, text: string) => queueMicrotask(() => toPage.get(channel)?.({}, text)),
  };
}

/** The whole way of a desktop window: bridge, IPC gate, engine link, worker port, engine thread. */
describeCarrier({ name: 'Electron IPC', ownThread: true }, async () => {
  const thread = startEngineThread({
    threadUrl: new URL('../engine/testing/conformance-thread.ts', import.meta.url),
    home: '/unused',
    version: '0',
    live: false,
  });
  await thread.ready();
  const contents = {};
  const pair = createIpcPair(contents);
  const link = createEngineLink(
    thread.connect({ paths: 'any' }),
    (frame) => pair.sendToPage(channels.frame, frame),
    () => performance.now(),
  );
  registerIpc({
    ipc: pair.main as unknown as Pick<IpcMain, 'handle' | 'on'>,
    servicesOf: (sender: WebContents) =>
      (sender as unknown) === contents
        ? { link, pickFolder: async () => undefined, pickFile: async () => undefined, revealPath: async () => {} }
        : undefined,
    onRefused: (channel) => {
      throw new Error(`${channel} was refused`);
    },
  });
  return {
    transport: createBridgeTransport(createBridge(pair.page, 'linux')),
    sendRaw: async (text) =>
      errorFrameSchema.parse(JSON.parse((await pair.page.invoke(channels.request, text)) as string)).error,
    close: () => thread.stop(),
  };
});
