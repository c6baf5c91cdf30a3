import type { App, BrowserWindow, BrowserWindowConstructorOptions, NativeTheme, Screen, WebContents } from 'electron';
import type { FileSystem } from '../engine/fs/index.ts';
import type { EngineConnection } from '../engine/host/index.ts';
import { startUrl } from './address.ts';
import { channels } from './channels.ts';
import { createEngineLink } from './engine-link.ts';
import { pickFile, pickFolder, resolveRevealed } from './host-paths.ts';
import type { PickFileOptions, PickFolderOptions } from './host-paths.ts';
import type { WindowServices } from './ipc.ts';
import { webPreferences } from './lockdown.ts';
import { warn } from './log.ts';
import type { MenuAction } from './menu.ts';
import { minimumSize, placeWindow } from './window-state.ts';
import type { Bounds, WindowState } from './window-state.ts';
import type { Store } from '../shared/contract/index.ts';

export interface DesktopWindowOptions {
  readonly app: Pick<App, 'isPackaged'>;
  readonly create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly nativeTheme: Pick<NativeTheme, 'shouldUseDarkColors'>;
  readonly screen: Pick<Screen, 'getAllDisplays' | 'getPrimaryDisplay'>;
  readonly fs: FileSystem;
  readonly preload: string;
  readonly state: WindowState;
  readonly connection: EngineConnection;
  readonly showFolderDialog: (window: BrowserWindow, options: PickFolderOptions) => Promise<string | undefined>;
  readonly showFileDialog: (window: BrowserWindow, options: PickFileOptions) => Promise<string | undefined>;
  readonly showInFolder: (path: string) => void;
  readonly stores: () => Promise<readonly Store[]>;
  /** The page's process ended by itself: asks whether to load it again. */
  readonly askReload: (window: BrowserWindow) => Promise<boolean>;
}

export interface DesktopWindow {
  readonly window: BrowserWindow;
  readonly contents: WebContents;
  readonly services: WindowServices;
  sendAction(action: MenuAction): void;
  /** Where it is, to be remembered; of a maximised window, where it was before. */
  placement(): { bounds: Bounds; maximized: boolean };
}

/** The ground of the page in both themes, the token `--bg`, so that an opening window does not flash. */
export function groundColor(dark: boolean): string {
  return dark ? '#171613' : '#f6f5f2';
}

/** Opens the window, hidden until it has something to show. */
export function openDesktopWindow(options: DesktopWindowOptions): DesktopWindow {
  const { state, screen, connection } = options;
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  const window = options.create({
    ...placeWindow(
      state.bounds,
      [primary, ...others].map((display) => display.workArea),
    ),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    title: 'Larder',
    show: false,
    backgroundColor: groundColor(options.nativeTheme.shouldUseDarkColors),
    webPreferences: webPreferences({ preload: options.preload, packaged: options.app.isPackaged }),
  });
  const contents = window.webContents;

  function send(channel: string, text: string): void {
    if (!contents.isDestroyed()) contents.send(channel, text);
  }
  const link = createEngineLink(
    connection,
    (frame) => send(channels.frame, frame),
    () => performance.now(),
  );

  window.once('ready-to-show', () => {
    if (state.maximized) window.maximize();
    window.show();
  });
  // What the old page asked for is nobody's any more once another takes its place, or its process is gone.
  contents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) link.reset();
  });
  contents.on('render-process-gone', (_event, { reason }) => {
    link.reset();
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    warn('The page stopped', reason);
    options.askReload(window).then(
      (reload) => {
        if (window.isDestroyed()) return;
        if (reload) contents.reload();
        else window.close();
      },
      (error: unknown) => warn('The page could not be loaded again', error),
    );
  });
  window.on('closed', () => {
    link.reset();
    connection.close();
  });
  window.loadURL(startUrl).catch((error: unknown) => warn('The window could not load the interface', error));

  let picking = false;
  /** One dialog at a time; a second is as good as closed. */
  async function alone(pick: () => Promise<string | undefined>): Promise<string | undefined> {
    if (picking) return undefined;
    picking = true;
    try {
      return await pick();
    } finally {
      picking = false;
    }
  }
  const granting = { fs: options.fs, grant: (path: string) => connection.grant(path) };
  return {
    window,
    contents,
    services: {
      link,
      pickFolder: (input) =>
        alone(() => pickFolder(input, { ...granting, show: (wanted) => options.showFolderDialog(window, wanted) })),
      pickFile: (input) =>
        alone(() => pickFile(input, { ...granting, show: (wanted) => options.showFileDialog(window, wanted) })),
      async revealPath(input) {
        options.showInFolder(resolveRevealed(input, await options.stores(), options.fs));
      },
    },
    sendAction: (action) => send(channels.menuAction, action),
    placement: () => ({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }),
  };
}
