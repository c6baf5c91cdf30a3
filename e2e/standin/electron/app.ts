import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { emitPreventable } from './emitter.ts';

interface Closable {
  close(): void;
  isDestroyed(): boolean;
}

export interface AppOptions {
  /** Folder of the built `package.json`'s project. */
  readonly root: string;
  readonly windows: () => Closable[];
  /** Ends the process, once everything said has been heard. */
  readonly exit: (code: number) => void;
}

/** Electron's `app`, as far as a desktop shell uses it. */
export class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  sandboxEnabled = false;
  private readonly options: AppOptions;
  private readonly paths: Map<string, string>;
  private readonly about: { name: string; version: string };
  private readonly becomeReady: () => void;
  private readonly readiness: Promise<void>;
  private ready = false;
  private quitting = false;

  constructor(options: AppOptions) {
    super();
    this.options = options;
    this.about = JSON.parse(readFileSync(join(options.root, 'package.json'), 'utf8')) as typeof this.about;
    const config = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
    this.paths = new Map([
      ['home', homedir()],
      ['appData', config],
      ['userData', join(config, this.about.name)],
    ]);
    let becomeReady = (): void => {};
    this.readiness = new Promise((resolve) => {
      becomeReady = resolve;
    });
    this.becomeReady = becomeReady;
  }

  /** Electron is ready once the main script has run. */
  start(): void {
    this.ready = true;
    this.becomeReady();
    this.emit('ready', {}, {});
  }

  isReady(): boolean {
    return this.ready;
  }

  whenReady(): Promise<void> {
    return this.readiness;
  }

  enableSandbox(): void {
    if (this.ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxEnabled = true;
  }

  getName(): string {
    return this.about.name;
  }

  getVersion(): string {
    return this.about.version;
  }

  getPath(name: string): string {
    const path = this.paths.get(name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} is not there`);
    this.paths.set(name, path);
  }

  /** True for the first process with this `userData`; a later one's arguments reach the first as `second-instance`. */
  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData');
    mkdirSync(folder, { recursive: true });
    const socket = join(folder, 'SingletonSocket');
    if (existsSync(socket)) {
      if (notifyHolder(socket)) return false;
      rmSync(socket, { force: true });
    }
    const server = createServer((connection) => {
      connection.end();
      this.emit('second-instance', {}, [process.execPath], process.cwd(), {});
    });
    server.listen(socket);
    server.unref();
    return true;
  }

  quit(): void {
    if (this.quitting) return;
    if (emitPreventable(this, 'before-quit')) return;
    this.quitting = true;
    for (const window of this.options.windows()) window.close();
    if (this.options.windows().some((window) => !window.isDestroyed())) {
      this.quitting = false;
      return;
    }
    if (emitPreventable(this, 'will-quit')) {
      this.quitting = false;
      return;
    }
    this.exit(0);
  }

  exit(code = 0): void {
    this.emit('quit', {}, code);
    this.options.exit(code);
  }

  /** A window is gone. */
  windowClosed(): void {
    if (this.quitting || this.options.windows().length > 0) return;
    if (this.listenerCount('window-all-closed') === 0) this.quit();
    else this.emit('window-all-closed');
  }
}

/** Whether a process listens on the socket; it then learns of this one. The question has to be answered at once. */
function notifyHolder(socket: string): boolean {
  const ask = `require('node:net').connect(process.argv[1]).on('connect', () => process.exit(0)).on('error', () => process.exit(1))`;
  try {
    execFileSync(process.execPath, ['-e', ask, socket], { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
