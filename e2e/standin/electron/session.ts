import { EventEmitter } from 'node:events';
import type { ProtocolAnswer } from '../messages.ts';
import { emitPreventable } from './emitter.ts';

type ProtocolHandler = (request: Request) => Response | Promise<Response>;
type RequestHandler = (
  contents: unknown,
  permission: string,
  callback: (granted: boolean) => void,
  details: object,
) => void;
type CheckHandler = (contents: unknown, permission: string, origin: string, details: object) => boolean;
type DeviceHandler = (details: object) => boolean;
type BeforeRequest = (details: object, callback: (answer: { cancel?: boolean }) => void) => void;

/** Electron's `protocol`. */
export class StandInProtocol {
  readonly schemes: { scheme: string }[] = [];
  private readonly isReady: () => boolean;
  private readonly handlers = new Map<string, ProtocolHandler>();

  constructor(isReady: () => boolean) {
    this.isReady = isReady;
  }

  registerSchemesAsPrivileged(schemes: { scheme: string }[]): void {
    if (this.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    this.schemes.push(...schemes);
  }

  handle(scheme: string, handler: ProtocolHandler): void {
    if (!this.isReady()) throw new Error('protocol.handle can only be used after app is ready');
    if (this.handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.handlers.set(scheme, handler);
  }

  async answer(
    url: string,
    method: string,
    headers: Record<string, string>,
    body?: Uint8Array,
  ): Promise<ProtocolAnswer> {
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) throw new Error(`Nobody handles ${url}`);
    const response = await handler(
      new Request(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) }),
    );
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }
}

/** Electron's `session.defaultSession`. */
export class StandInSession extends EventEmitter {
  readonly protocol: StandInProtocol;
  private requestHandler: RequestHandler | null = null;
  private checkHandler: CheckHandler | null = null;
  private deviceHandler: DeviceHandler | null = null;
  private beforeRequestHandler: BeforeRequest | null = null;

  constructor(protocol: StandInProtocol) {
    super();
    this.protocol = protocol;
  }

  readonly webRequest = {
    onBeforeRequest: (handler: BeforeRequest | null): void => {
      this.beforeRequestHandler = handler;
    },
  };

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.requestHandler = handler;
  }

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.checkHandler = handler;
  }

  setDevicePermissionHandler(handler: DeviceHandler | null): void {
    this.deviceHandler = handler;
  }

  /** As Electron decides: what nobody handles is granted. */
  askPermission(kind: 'request' | 'check' | 'device', contents: unknown, permission: string): Promise<boolean> {
    const details = { requestingUrl: 'app://ui/', isMainFrame: true };
    if (kind === 'check')
      return Promise.resolve(this.checkHandler?.(contents, permission, 'app://ui', details) ?? true);
    if (kind === 'device')
      return Promise.resolve(this.deviceHandler?.({ deviceType: permission, origin: 'app://ui' }) ?? true);
    const handler = this.requestHandler;
    if (handler === null) return Promise.resolve(true);
    return new Promise((resolve) => {
      handler(contents, permission, resolve, details);
    });
  }

  beforeRequest(url: string, resourceType: string): Promise<{ cancel: boolean }> {
    const handler = this.beforeRequestHandler;
    if (handler === null) return Promise.resolve({ cancel: false });
    return new Promise((resolve) => {
      handler({ id: 1, url, method: 'GET', resourceType }, (answer) => resolve({ cancel: answer.cancel ?? false }));
    });
  }

  /** Whether a download would have been stopped. */
  startDownload(): boolean {
    return emitPreventable(this, 'will-download', {}, { getURL: () => 'app://ui/file' });
  }
}
