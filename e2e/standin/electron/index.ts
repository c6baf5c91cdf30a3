import { EventEmitter } from 'node:events';
import type { DialogAnswer, MainSide, MenuEntry } from '../messages.ts';
import { StandInApp } from './app.ts';
import { emitPreventable } from './emitter.ts';
import { StandInIpcMain } from './ipc-main.ts';
import { createSafeStorage } from './safe-storage.ts';
import { StandInProtocol, StandInSession } from './session.ts';
import { StandInWindow } from './window.ts';
import type { ScreenChannel, WindowWorld } from './window.ts';

interface MenuTemplate {
  id?: string;
  role?: string;
  type?: string;
  label?: string;
  accelerator?: string;
  click?: () => void;
  submenu?: MenuTemplate[];
}

/** The display the stand-in pretends to have; `workArea` leaves out a task bar. */
const display = {
  id: 1,
  scaleFactor: 1,
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
};

function describe(items: readonly MenuTemplate[]): MenuEntry[] {
  return items
    .filter((item) => item.type !== 'separator')
    .map(({ id, role, label, accelerator, submenu }) => ({
      ...(id === undefined ? {} : { id }),
      ...(role === undefined ? {} : { role }),
      ...(label === undefined ? {} : { label }),
      ...(accelerator === undefined ? {} : { accelerator }),
      ...(submenu === undefined ? {} : { submenu: describe(submenu) }),
    }));
}

function findItem(items: readonly MenuTemplate[], id: string): MenuTemplate | undefined {
  for (const item of items) {
    const found = item.id === id ? item : findItem(item.submenu ?? [], id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Makes the module `electron` for one main process, and what the test's side may tell it. */
export function createElectron(options: {
  readonly root: string;
  readonly screen: ScreenChannel;
  readonly exit: (code: number) => void;
}): { module: Record<string, unknown>; main: MainSide; start(): void } {
  const { screen } = options;
  const windows = new Map<number, StandInWindow>();
  const app = new StandInApp({ root: options.root, windows: () => [...windows.values()], exit: options.exit });
  const protocol = new StandInProtocol(() => app.isReady());
  const session = new StandInSession(protocol);
  const ipcMain = new StandInIpcMain();
  const world: WindowWorld = {
    screen,
    session,
    contentsCreated: (contents) => app.emit('web-contents-created', {}, contents),
    windowClosed: () => app.windowClosed(),
    windows,
  };
  let menu: MenuTemplate[] = [];
  let systemDark = false;

  class BrowserWindow extends StandInWindow {
    constructor(windowOptions: ConstructorParameters<typeof StandInWindow>[1]) {
      if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
      super(world, windowOptions);
    }

    static getAllWindows(): StandInWindow[] {
      return [...windows.values()];
    }
  }

  class NativeTheme extends EventEmitter {
    private source = 'system';
    get themeSource(): string {
      return this.source;
    }
    set themeSource(source: string) {
      const before = this.shouldUseDarkColors;
      this.source = source;
      if (before !== this.shouldUseDarkColors) this.emit('updated');
    }
    get shouldUseDarkColors(): boolean {
      return this.source === 'system' ? systemDark : this.source === 'dark';
    }
  }
  const nativeTheme = new NativeTheme();

  /** Dialogs may be given the window they belong to first. */
  function dialogOptions(args: readonly unknown[]): Record<string, unknown> {
    return JSON.parse(JSON.stringify(args.at(-1))) as Record<string, unknown>;
  }
  const dialog = {
    async showOpenDialog(...args: unknown[]) {
      const answer: DialogAnswer = await screen.ask('showDialog', { kind: 'open', options: dialogOptions(args) });
      if (answer !== 'closed' && 'paths' in answer) return { canceled: false, filePaths: [...answer.paths] };
      return { canceled: true, filePaths: [] };
    },
    async showSaveDialog(...args: unknown[]) {
      const answer: DialogAnswer = await screen.ask('showDialog', { kind: 'save', options: dialogOptions(args) });
      if (answer !== 'closed' && 'paths' in answer) return { canceled: false, filePath: answer.paths[0] ?? '' };
      return { canceled: true, filePath: '' };
    },
    async showMessageBox(...args: unknown[]) {
      const shown = dialogOptions(args);
      const answer: DialogAnswer = await screen.ask('showDialog', { kind: 'message', options: shown });
      if (answer !== 'closed' && 'button' in answer) return { response: answer.button, checkboxChecked: false };
      return { response: (shown['cancelId'] as number | undefined) ?? 0, checkboxChecked: false };
    },
    /** Electron's returns when the box has been closed; nothing may be asked of the other process meanwhile. */
    showErrorBox(title: string, content: string) {
      void screen.ask('showDialog', { kind: 'error', options: { title, content } });
    },
  };

  const electron: Record<string, unknown> = {
    app,
    protocol,
    session: { defaultSession: session },
    ipcMain,
    BrowserWindow,
    dialog,
    nativeTheme,
    Menu: {
      buildFromTemplate: (template: MenuTemplate[]) => template,
      setApplicationMenu(template: MenuTemplate[]) {
        menu = template;
        void screen.ask('setMenu', describe(template));
      },
    },
    safeStorage: createSafeStorage(() => app.isReady()),
    screen: { getAllDisplays: () => [display], getPrimaryDisplay: () => display },
    shell: {
      openExternal: (url: string) => screen.ask('openExternal', url),
      showItemInFolder: (path: string) => void screen.ask('showItemInFolder', path),
    },
  };

  function windowOf(id: number): StandInWindow {
    const window = windows.get(id);
    if (window === undefined) throw new Error(`There is no window ${id}.`);
    return window;
  }
  /** A sender that no window of the application stands behind. */
  const stranger = { id: -1 };

  const main: MainSide = {
    request: (url, method, headers, body) => protocol.answer(url, method, headers, body),
    beforeRequest: (url, resourceType) => session.beforeRequest(url, resourceType),
    invoke: (id, frame, channel, args) =>
      ipcMain.receiveInvoke(id === undefined ? stranger : windowOf(id).webContents, frame, channel, args),
    send(id, frame, channel, args) {
      ipcMain.receiveSend(id === undefined ? stranger : windowOf(id).webContents, frame, channel, args);
    },
    contentsEvent: (id, name, details) => emitPreventable(windowOf(id).webContents, name, details, details),
    windowOpen: (id, details) => windowOf(id).webContents.openWindow(details),
    readyToShow: (id) => void windows.get(id)?.emit('ready-to-show'),
    closeWindow: (id) => windowOf(id).close(),
    minimize: (id) => windowOf(id).minimize(),
    moveWindow: (id, bounds) => windowOf(id).setBounds(bounds),
    windowState(id) {
      const window = windowOf(id);
      const { shown, focused, backgroundColor } = window;
      const [minimized, maximized] = [window.isMinimized(), window.isMaximized()];
      return { bounds: window.getBounds(), shown, focused, minimized, maximized, backgroundColor };
    },
    askPermission: (kind, permission) =>
      session.askPermission(kind, [...windows.values()][0]?.webContents ?? null, permission),
    startDownload: () => session.startDownload(),
    chooseMenu(id) {
      const item = findItem(menu, id);
      if (item?.click === undefined) throw new Error(`The menu has no item ${id}.`);
      item.click();
    },
    setSystemTheme(dark) {
      const before = nativeTheme.shouldUseDarkColors;
      systemDark = dark;
      if (before !== nativeTheme.shouldUseDarkColors) nativeTheme.emit('updated');
    },
    theme: () => ({ themeSource: nativeTheme.themeSource, dark: nativeTheme.shouldUseDarkColors }),
    facts: () => ({ schemes: protocol.schemes, sandboxEnabled: app.sandboxEnabled, ipcChannels: ipcMain.channels() }),
    quit: () => app.quit(),
  };

  return {
    module: electron,
    main,
    start() {
      app.emit('session-created', session);
      app.start();
    },
  };
}
