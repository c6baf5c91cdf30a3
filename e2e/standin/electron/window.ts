import { EventEmitter } from 'node:events';
import { codec } from '../codec.ts';
import type { Rectangle, ScreenSide } from '../messages.ts';
import type { Channel } from '../channel.ts';
import { emitPreventable } from './emitter.ts';

export type ScreenChannel = Channel<{ [N in keyof ScreenSide]: ScreenSide[N] }>;
type WindowOpenHandler = (details: Record<string, unknown>) => { action: string };

interface WindowOptions extends Partial<Rectangle> {
  webPreferences?: Record<string, unknown>;
  backgroundColor?: string;
  show?: boolean;
}

/** What every window of one application shares. */
export interface WindowWorld {
  readonly screen: ScreenChannel;
  readonly session: unknown;
  readonly contentsCreated: (contents: StandInContents) => void;
  readonly windowClosed: () => void;
  readonly windows: Map<number, StandInWindow>;
}

const plain = codec();

/** Electron's `WebContents`. */
export class StandInContents extends EventEmitter {
  readonly id: number;
  readonly session: unknown;
  private readonly screen: ScreenChannel;
  private destroyed = false;
  private openHandler: WindowOpenHandler = () => ({ action: 'allow' });

  constructor(id: number, world: WindowWorld) {
    super();
    this.id = id;
    this.session = world.session;
    this.screen = world.screen;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
    void this.screen.ask('send', this.id, channel, JSON.stringify(plain.encode(args)));
  }

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.openHandler = handler;
  }

  reload(): void {
    void this.screen.ask('reload', this.id);
  }

  openWindow(details: Record<string, unknown>): string {
    return this.openHandler(details).action;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('destroyed');
  }
}

/** Electron's `BrowserWindow`, for one application. */
export class StandInWindow extends EventEmitter {
  readonly id: number;
  readonly webContents: StandInContents;
  backgroundColor: string;
  shown = false;
  focused = false;
  private readonly world: WindowWorld;
  private bounds: Rectangle;
  private minimized = false;
  private maximized = false;
  private destroyed = false;

  constructor(world: WindowWorld, options: WindowOptions) {
    super();
    const preferences = options.webPreferences ?? {};
    for (const needed of ['sandbox', 'contextIsolation']) {
      if (preferences[needed] === false) throw new Error(`The stand-in has no window without ${needed}.`);
    }
    if (preferences['nodeIntegration'] === true) throw new Error('The stand-in has no window with Node in it.');
    this.world = world;
    this.id = world.windows.size === 0 ? 1 : Math.max(...world.windows.keys()) + 1;
    const { x = 40, y = 40, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
    this.backgroundColor = options.backgroundColor ?? '#FFFFFF';
    this.webContents = new StandInContents(this.id, world);
    world.windows.set(this.id, this);
    void world.screen.ask('createWindow', this.id, JSON.parse(JSON.stringify(options)) as Record<string, unknown>);
    world.contentsCreated(this.webContents);
    if (options.show !== false) this.show();
  }

  loadURL(url: string): Promise<void> {
    this.webContents.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false });
    return this.world.screen.ask('load', this.id, url);
  }

  show(): void {
    this.shown = true;
    this.focused = true;
    void this.world.screen.ask('show', this.id);
  }

  focus(): void {
    this.focused = true;
  }

  minimize(): void {
    this.minimized = true;
    this.focused = false;
  }

  restore(): void {
    this.minimized = false;
  }

  maximize(): void {
    this.maximized = true;
  }

  isMinimized(): boolean {
    return this.minimized;
  }

  isMaximized(): boolean {
    return this.maximized;
  }

  getBounds(): Rectangle {
    return { ...this.bounds };
  }

  getNormalBounds(): Rectangle {
    return { ...this.bounds };
  }

  setBounds(bounds: Partial<Rectangle>): void {
    this.bounds = { ...this.bounds, ...bounds };
  }

  setBackgroundColor(color: string): void {
    this.backgroundColor = color;
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  close(): void {
    if (this.destroyed || emitPreventable(this, 'close')) return;
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.world.windows.delete(this.id);
    this.webContents.destroy();
    void this.world.screen.ask('destroy', this.id);
    this.emit('closed');
    this.world.windowClosed();
  }
}
