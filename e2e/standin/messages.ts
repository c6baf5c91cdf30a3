/** A frame as the main process is told of it. */
export interface FrameInfo {
  readonly url: string;
  readonly origin: string;
  readonly main: boolean;
}

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface DialogShown {
  readonly kind: 'open' | 'save' | 'message' | 'error';
  readonly options: Record<string, unknown>;
}

/** What the test answers a dialog: paths chosen, a button's index, or closed without either. */
export type DialogAnswer = { readonly paths: readonly string[] } | { readonly button: number } | 'closed';

export interface MenuEntry {
  readonly id?: string;
  readonly role?: string;
  readonly label?: string;
  readonly accelerator?: string;
  readonly submenu?: readonly MenuEntry[];
}

export interface ProtocolAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** What the main process asks of the test's side, which has the screen. */
export interface ScreenSide {
  createWindow(id: number, options: Record<string, unknown>): void;
  load(id: number, url: string): Promise<void>;
  reload(id: number): Promise<void>;
  show(id: number): void;
  destroy(id: number): Promise<void>;
  send(id: number, channel: string, args: string): Promise<void>;
  showDialog(dialog: DialogShown): Promise<DialogAnswer>;
  openExternal(url: string): void;
  showItemInFolder(path: string): void;
  setMenu(menu: readonly MenuEntry[]): void;
}

/** What the test's side tells the main process. */
export interface MainSide {
  request(
    url: string,
    method: string,
    headers: Record<string, string>,
    body: Uint8Array | undefined,
  ): Promise<ProtocolAnswer>;
  beforeRequest(url: string, resourceType: string): Promise<{ cancel: boolean }>;
  invoke(window: number | undefined, frame: FrameInfo | null, channel: string, args: string): Promise<string>;
  send(window: number | undefined, frame: FrameInfo | null, channel: string, args: string): void;
  /** Emits an event of a window's contents; answers whether it was prevented. */
  contentsEvent(window: number, name: string, details: Record<string, unknown>): boolean;
  windowOpen(window: number, details: Record<string, unknown>): string;
  readyToShow(window: number): void;
  closeWindow(window: number): void;
  minimize(window: number): void;
  moveWindow(window: number, bounds: Rectangle): void;
  windowState(window: number): {
    bounds: Rectangle;
    shown: boolean;
    focused: boolean;
    minimized: boolean;
    maximized: boolean;
    backgroundColor: string;
  };
  askPermission(kind: 'request' | 'check' | 'device', permission: string): Promise<boolean>;
  startDownload(): boolean;
  chooseMenu(id: string): void;
  setSystemTheme(dark: boolean): void;
  theme(): { themeSource: string; dark: boolean };
  facts(): { schemes: unknown[]; sandboxEnabled: boolean; ipcChannels: string[] };
  quit(): void;
}
