import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { Channel } from './channel.ts';
import { launchChromium } from './chromium.ts';
import type { DialogAnswer, DialogShown, FrameInfo, MenuEntry, ScreenSide } from './messages.ts';
import { PageWindow } from './page-window.ts';
import type { MainChannel, WindowRecords } from './page-window.ts';

export type { CspViolation } from './page-window.ts';
export type { DialogAnswer, DialogShown, FrameInfo, MenuEntry } from './messages.ts';

export interface DesktopOptions {
  /** `LARDER_HOME` of this run. */
  readonly home: string;
  /** Answers for dialogs, in the order in which those that need one appear. More may be pushed at any time. */
  readonly answers?: readonly DialogAnswer[];
  /** A browser to show the window in; otherwise one of its own is started. */
  readonly browser?: Browser;
  readonly env?: Record<string, string>;
  /** Folder of the build, `dist` of the project unless told otherwise. */
  readonly dist?: string;
}

/** What the stand-in saw, and what a person or a page could do beside the page itself. */
export interface StandInElectron extends WindowRecords {
  /** Options of every `BrowserWindow`, in order. */
  readonly windows: { readonly id: number; readonly options: Record<string, unknown> }[];
  readonly dialogs: DialogShown[];
  readonly openedExternally: string[];
  readonly revealed: string[];
  /** What the main process wrote on the terminal. */
  readonly output: () => string;
  readonly menu: () => readonly MenuEntry[];
  /** Resolves with the exit code once the main process has ended. */
  readonly exited: Promise<number>;
  /** Answers a dialog that is open, or the next. */
  answer(answer: DialogAnswer): void;
  /** The main process itself: see `MainSide` in messages.ts. */
  readonly main: MainChannel;
  /** An IPC message from a sender of the test's making. `window` undefined: a window the application did not create. */
  invokeAs(window: number | undefined, frame: FrameInfo | null, channel: string, ...args: unknown[]): Promise<unknown>;
}

export interface Desktop {
  readonly page: Page;
  readonly electron: StandInElectron;
  /** Quits as a person would, pressing the last button of a question; afterwards nothing of it runs. */
  close(): Promise<void>;
}

export interface StartedDesktop {
  readonly electron: StandInElectron;
  /** The first window once it is shown. Rejects when the main process ends before. */
  readonly firstPage: Promise<Page>;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

/** Runs the built desktop shell and waits for its window. */
export async function launchDesktop(options: DesktopOptions): Promise<Desktop> {
  const started = await startDesktop(options);
  try {
    return { page: await started.firstPage, electron: started.electron, close: () => started.close() };
  } catch (error) {
    await started.close();
    throw error;
  }
}

/** Runs the built desktop shell; it may well end without a window. */
export async function startDesktop(options: DesktopOptions): Promise<StartedDesktop> {
  const browser = options.browser ?? (await launchChromium());
  const context = await browser.newContext({ serviceWorkers: 'block' });
  // Only windows have a way out of this context, each its own.
  await context.route('**/*', (route) => route.abort('blockedbyclient'));

  const child = spawnMain(options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }

  const records: WindowRecords = { violations: [], attempts: [], refusedRequests: [], networkRequests: [] };
  const windows: { id: number; options: Record<string, unknown> }[] = [];
  const pages = new Map<number, Promise<PageWindow>>();
  const dialogs: DialogShown[] = [];
  const openedExternally: string[] = [];
  const revealed: string[] = [];
  const errors: unknown[] = [];
  const answers: DialogAnswer[] = [...(options.answers ?? [])];
  const asking: { shown: DialogShown; resolve: (answer: DialogAnswer) => void }[] = [];
  let menu: readonly MenuEntry[] = [];
  let closing = false;
  let ended = false;
  const first = Promise.withResolvers<Page>();
  // Whoever does not wait for a window need not hear that there is none.
  first.promise.catch(() => undefined);

  function onError(error: unknown): void {
    // What was under way when it ended got no answer; that is no fault.
    if (!closing && !ended) errors.push(error);
  }

  function settleDialogs(): void {
    while (asking.length > 0 && answers.length > 0) {
      const answer = answers.shift();
      if (answer !== undefined) asking.shift()?.resolve(answer);
    }
    if (!closing) return;
    for (const { shown, resolve } of asking.splice(0)) {
      const { buttons } = shown.options as { buttons?: unknown[] };
      resolve(shown.kind === 'message' ? { button: (buttons?.length ?? 1) - 1 } : 'closed');
    }
  }

  async function inWindow(id: number, run: (window: PageWindow) => Promise<void>): Promise<void> {
    const window = await pages.get(id);
    if (window === undefined || window.page.isClosed()) return;
    try {
      await run(window);
    } catch (error) {
      if (!window.page.isClosed()) throw error;
    }
  }

  const screenSide: ScreenSide = {
    createWindow(id, windowOptions) {
      windows.push({ id, options: windowOptions });
      pages.set(id, PageWindow.open(context, { id, windowOptions, main, records, onError }));
    },
    load: (id, url) => inWindow(id, (window) => window.load(url)),
    reload: (id) => inWindow(id, (window) => window.reload()),
    show: (id) => void inWindow(id, async (window) => first.resolve(window.page)),
    destroy: (id) => inWindow(id, (window) => window.page.close()),
    send: (id, channel, args) => inWindow(id, (window) => window.send(channel, args)),
    showDialog(shown) {
      dialogs.push(shown);
      if (shown.kind === 'error') return Promise.resolve('closed');
      return new Promise((resolve) => {
        asking.push({ shown, resolve });
        settleDialogs();
      });
    },
    openExternal: (url) => void openedExternally.push(url),
    showItemInFolder: (path) => void revealed.push(path),
    setMenu(next) {
      menu = next;
    },
  };

  const main: MainChannel = new Channel(
    {
      send: (message, done) => {
        if (child.connected) child.send(message as object, done);
        else done(new Error('The main process has ended.'));
      },
      listen: (listener) => child.on('message', listener),
    },
    { ...screenSide },
  );
  const exited = new Promise<number>((resolve) => {
    // `close`, unlike `exit`, comes after the last output.
    child.on('close', (code, signal) => {
      ended = true;
      main.fail('The main process has ended.');
      first.reject(new Error(`The desktop shell ended (${code ?? signal ?? ''}) without a window:\n${output}`));
      resolve(code ?? 1);
    });
  });

  const electron: StandInElectron = {
    ...records,
    windows,
    dialogs,
    openedExternally,
    revealed,
    output: () => output,
    menu: () => menu,
    exited,
    main,
    answer(answer) {
      answers.push(answer);
      settleDialogs();
    },
    async invokeAs(window, frame, channel, ...args) {
      return PageWindow.decodeValue(await main.ask('invoke', window, frame, channel, PageWindow.encodeArgs(args)));
    },
  };

  return {
    electron,
    firstPage: first.promise,
    async close() {
      if (closing) return;
      closing = true;
      settleDialogs();
      if (child.exitCode === null && child.signalCode === null) {
        // It may end before it answers.
        main.ask('quit').catch(() => undefined);
        const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
        await exited;
        clearTimeout(killer);
      }
      await context.close();
      if (options.browser === undefined) await browser.close();
      if (errors.length > 0) throw new AggregateError(errors, `The stand-in failed: ${errors.map(String).join('\n')}`);
    },
  };
}

function spawnMain(options: DesktopOptions): ChildProcess {
  const dist = options.dist ?? join(root, 'dist');
  const { NODE_OPTIONS: _ours, ...environment } = process.env;
  return fork(join(import.meta.dirname, 'main-process.ts'), [join(dist, 'electron', 'main.js'), root], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...environment, LARDER_HOME: options.home, ...options.env },
  });
}
