import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from 'electron';
import type { WebContents } from 'electron';
import { nodeFs } from '../engine/fs/index.ts';
import { keyFilesIn, larderHome, startEngineThread } from '../engine/host/index.ts';
import type { EngineThread } from '../engine/host/index.ts';
import { createClient } from '../shared/client/index.ts';
import type { Client } from '../shared/client/index.ts';
import { LarderError } from '../shared/contract/index.ts';
import type { Settings } from '../shared/contract/index.ts';
import { scheme } from './address.ts';
import { groundColor, openDesktopWindow } from './desktop-window.ts';
import type { DesktopWindow } from './desktop-window.ts';
import { isAllowedExternal } from './external.ts';
import { prepareHome } from './home.ts';
import type { PickFileOptions, PickFolderOptions } from './host-paths.ts';
import { registerIpc } from './ipc.ts';
import { lockContents, lockSession } from './lockdown.ts';
import { warn } from './log.ts';
import { menuTemplate } from './menu.ts';
import type { MenuAction } from './menu.ts';
import { createProtocolHandler } from './protocol.ts';
import { createQuitGuard, quitQuestion } from './quit.ts';
import { createVault } from './vault.ts';
import { readWindowState, writeWindowState } from './window-state.ts';
import type { WindowState } from './window-state.ts';

const built = join(import.meta.dirname, '..');
/** How long quitting waits for the engine: longer than its longest pause, shorter than a person's. */
const patienceMs = 8_000;

// Both have to happen before Electron is ready.
app.enableSandbox();
protocol.registerSchemesAsPrivileged([
  { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);

function fail(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof LarderError && error.hint !== undefined ? `\n\n${error.hint}` : '';
  warn(title, error);
  dialog.showErrorBox(title, `${message}${hint}`);
  app.exit(1);
}

// Electron would show the stack.
process.on('uncaughtException', (error) => fail('Larder has to close', error));
process.on('unhandledRejection', (error) => warn('Something was left undone', error));

function openExternal(url: string): void {
  if (!isAllowedExternal(url)) return;
  shell.openExternal(url).catch((error: unknown) => warn(`${url} could not be opened`, error));
}

async function showFolderDialog(window: BrowserWindow, options: PickFolderOptions): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: options.title,
    buttonLabel: 'Choose',
    properties: ['openDirectory', 'createDirectory', 'dontAddToRecent'],
    ...(options.defaultPath === undefined ? {} : { defaultPath: options.defaultPath }),
  });
  return canceled ? undefined : filePaths[0];
}

async function showFileDialog(
  window: BrowserWindow,
  { title, mode, defaultPath, name }: PickFileOptions,
): Promise<string | undefined> {
  if (mode === 'open') {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title,
      buttonLabel: 'Choose',
      properties: ['openFile', 'showHiddenFiles', 'dontAddToRecent'],
      ...(defaultPath === undefined ? {} : { defaultPath }),
    });
    return canceled ? undefined : filePaths[0];
  }
  const start = [defaultPath, name].filter((part) => part !== undefined);
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    properties: ['createDirectory', 'showOverwriteConfirmation', 'dontAddToRecent'],
    ...(start.length === 0 ? {} : { defaultPath: join(...start) }),
  });
  return canceled || filePath === '' ? undefined : filePath;
}

async function askReload(window: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window stopped working.',
    detail: 'Running jobs go on. Load it again to see them.',
    buttons: ['Load again', 'Close'],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}

/** The desktop shell once Electron is ready: one engine, one window at a time. */
function runDesktop(home: string, engine: EngineThread): void {
  // The shell's own questions to the engine; the window has a connection that is bound to granted paths.
  const client: Client = createClient(engine.connect({ paths: 'any' }));
  const windows = new Map<WebContents, DesktopWindow>();
  let state: WindowState = readWindowState(nodeFs, home, (reason) =>
    warn('The remembered window was unreadable and is forgotten', reason),
  );

  function remember(change: Partial<WindowState>): void {
    state = { ...state, ...change };
    try {
      writeWindowState(nodeFs, home, state);
    } catch (error) {
      warn('The state of the window could not be remembered', error);
    }
  }

  function applyTheme({ theme }: Settings): void {
    nativeTheme.themeSource = theme;
    if (theme !== state.theme) remember({ theme });
  }

  async function ask(jobs: readonly string[]): Promise<boolean> {
    const question = { type: 'question' as const, ...quitQuestion(jobs), defaultId: 0, cancelId: 0 };
    const [open] = windows.values();
    const { response } = await (open === undefined
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(open.window, question));
    return response === 1;
  }

  const quitGuard = createQuitGuard({
    async runningJobs() {
      if (client.connection !== 'connected') return [];
      const { jobs } = await client.call('jobs.list', {});
      // Looking for stores, as the first page does by itself, is nothing to keep a window open for.
      const work = jobs.filter((job) => job.status === 'running' && job.kind !== 'discover');
      return work.map((job) => job.title);
    },
    async patience() {
      await setTimeout(patienceMs, undefined, { ref: false });
      throw new LarderError('INTERNAL', 'The engine did not answer in time.');
    },
    ask,
    stop: () => engine.stop(),
    quit: () => app.quit(),
    onError: warn,
  });

  function openWindow(): DesktopWindow {
    const opened = openDesktopWindow({
      app,
      create: (options) => new BrowserWindow(options),
      nativeTheme,
      screen,
      fs: nodeFs,
      preload: join(import.meta.dirname, 'preload.cjs'),
      state,
      connection: engine.connect({ paths: 'granted' }),
      showFolderDialog,
      showFileDialog,
      showInFolder: (path) => shell.showItemInFolder(path),
      askReload,
      stores: async () => (await client.call('stores.list', {})).stores,
    });
    windows.set(opened.contents, opened);
    opened.window.on('close', (event) => {
      remember(opened.placement());
      // On macOS an application goes on without windows; elsewhere the last window takes it along.
      if (quitGuard.allowed || process.platform === 'darwin') return;
      event.preventDefault();
      void quitGuard.request();
    });
    opened.window.on('closed', () => windows.delete(opened.contents));
    return opened;
  }

  function showWindow(): DesktopWindow {
    const [open] = windows.values();
    if (open === undefined) return openWindow();
    if (open.window.isMinimized()) open.window.restore();
    open.window.show();
    open.window.focus();
    return open;
  }

  function sendAction(action: MenuAction): void {
    showWindow().sendAction(action);
  }

  registerIpc({
    ipc: ipcMain,
    servicesOf: (contents) => windows.get(contents)?.services,
    onRefused: (channel, url) => warn(`Refused ${channel} from “${url}”`),
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate({
        platform: process.platform,
        packaged: app.isPackaged,
        onAction: sendAction,
      }),
    ),
  );

  client.on('settings.changed', ({ settings }) => applyTheme(settings));
  client.onConnection((connection, reason) => {
    if (connection === 'disconnected') warn('The engine stopped', reason);
    if (connection !== 'connected') return;
    client.call('settings.get', {}).then(applyTheme, (error: unknown) => warn('Settings could not be read', error));
  });
  nativeTheme.themeSource = state.theme;
  nativeTheme.on('updated', () => {
    for (const { window } of windows.values()) window.setBackgroundColor(groundColor(nativeTheme.shouldUseDarkColors));
  });

  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    if (quitGuard.allowed) return;
    event.preventDefault();
    void quitGuard.request();
  });
  openWindow();
}

async function start(): Promise<void> {
  let home: string;
  try {
    const prepared = prepareHome(nodeFs, larderHome(process.env, process.platform, homedir()));
    home = prepared.home;
    // The lock that keeps a second Larder out belongs to the profile, so each home has its own.
    app.setPath('userData', prepared.profile);
  } catch (error) {
    // Before Electron is ready it can show no dialog.
    await app.whenReady();
    fail('Larder cannot start', error);
    return;
  }
  if (!app.requestSingleInstanceLock()) {
    warn('Larder is open already; its window comes to the front.');
    app.quit();
    return;
  }
  app.on('web-contents-created', (_event, contents) => lockContents(contents, openExternal));
  app.on('session-created', (created) => lockSession(created, app.isPackaged));
  await app.whenReady();
  try {
    lockSession(session.defaultSession, app.isPackaged);
    protocol.handle(scheme, createProtocolHandler(join(built, 'renderer')));
    const engine = startEngineThread({
      threadUrl: pathToFileURL(join(built, 'engine', 'thread.js')),
      home,
      version: app.getVersion(),
      live: true,
      validateOutput: !app.isPackaged,
      vault: createVault(safeStorage, process.platform),
      keyFiles: keyFilesIn(process.env, process.cwd()),
    });
    runDesktop(home, engine);
    await engine.ready().catch((error: unknown) => {
      // Who quits while it starts has stopped it.
      if (engine.state.state !== 'stopped') throw error;
    });
  } catch (error) {
    fail('Larder cannot start', error);
  }
}

void start();
