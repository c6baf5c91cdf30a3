import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BrowserContext, CDPSession, Page, Route } from 'playwright-core';
import { fromChromium, toChromium } from './addresses.ts';
import { codec } from './codec.ts';
import type { Encoded } from './codec.ts';
import type { Channel } from './channel.ts';
import type { MainSide } from './messages.ts';
import { pageWorldSource, preloadWorldSource } from './worlds.ts';
import type { WorldDelivery, WorldMessage, WorldNames } from './worlds.ts';

export type MainChannel = Channel<{ [N in keyof MainSide]: MainSide[N] }>;

/** A place where the page broke the content policy. */
export interface CspViolation {
  readonly directive: string;
  readonly blocked: string;
  readonly sample: string;
}

/** What happened in the windows, for the test to look at. */
export interface WindowRecords {
  readonly violations: CspViolation[];
  /** Navigations and windows the page tried, and whether the main process stopped them. */
  readonly attempts: {
    readonly kind: 'navigate' | 'redirect' | 'window';
    readonly url: string;
    readonly stopped: boolean;
  }[];
  /** Requests of the page that the main process refused, or that would have left the machine. */
  readonly refusedRequests: string[];
  readonly networkRequests: string[];
}

const plain = codec();
const worldName = 'electron-preload';
/** Chromium's permissions that have a name in Electron, to be set as the check handler says. */
const permissions = [
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-write', 'clipboard-sanitized-write'],
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['camera', 'media'],
  ['microphone', 'media'],
] as const;

/** One `BrowserWindow`, shown as a page of Chromium. */
export class PageWindow {
  readonly id: number;
  readonly page: Page;
  private readonly main: MainChannel;
  private readonly cdp: CDPSession;
  private readonly records: WindowRecords;
  private readonly names: WorldNames;
  private readonly onError: (error: unknown) => void;
  private preloadContext: number | undefined;
  private mainFrameId = '';
  /** The next navigation is one the main process asked for. */
  private loading = false;

  private constructor(
    options: { id: number; main: MainChannel; records: WindowRecords; onError: (error: unknown) => void },
    page: Page,
    cdp: CDPSession,
  ) {
    this.id = options.id;
    this.main = options.main;
    this.records = options.records;
    this.onError = options.onError;
    this.page = page;
    this.cdp = cdp;
    const secret = randomBytes(12).toString('hex');
    this.names = { token: `n${secret}`, binding: `b${secret}`, deliver: `d${secret}` };
  }

  static async open(
    context: BrowserContext,
    options: {
      id: number;
      windowOptions: Record<string, unknown>;
      main: MainChannel;
      records: WindowRecords;
      onError: (error: unknown) => void;
    },
  ): Promise<PageWindow> {
    const page = await context.newPage();
    const window = new PageWindow(options, page, await context.newCDPSession(page));
    await window.prepare(options.windowOptions);
    return window;
  }

  async load(url: string): Promise<void> {
    this.loading = true;
    try {
      await this.page.goto(toChromium(url), { waitUntil: 'load' });
    } finally {
      this.loading = false;
    }
    await this.main.ask('readyToShow', this.id);
  }

  async reload(): Promise<void> {
    this.loading = true;
    try {
      await this.page.reload({ waitUntil: 'load' });
    } finally {
      this.loading = false;
    }
  }

  /** `webContents.send`: to the preload's world of the page shown now; nobody hears it where there is none. */
  async send(channel: string, args: string): Promise<void> {
    await this.deliver({ op: 'message', channel, args: JSON.parse(args) as Encoded });
  }

  private async prepare(windowOptions: Record<string, unknown>): Promise<void> {
    const { page, cdp, names } = this;
    const { width = 800, height = 600 } = windowOptions as { width?: number; height?: number };
    await page.setViewportSize({ width, height });
    const preferences = (windowOptions['webPreferences'] ?? {}) as { preload?: string };

    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { frameId?: string };
      if (context.name === worldName && frameId === this.mainFrameId) this.preloadContext = context.id;
    });
    cdp.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (this.preloadContext === executionContextId) this.preloadContext = undefined;
    });
    cdp.on('Runtime.executionContextsCleared', () => {
      this.preloadContext = undefined;
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === names.binding) this.heard(JSON.parse(payload) as WorldMessage, executionContextId);
    });
    cdp.on('Page.windowOpen', ({ url, windowName }) => {
      void this.attempt('window', url, async (address) => {
        const details = { url: address, frameName: windowName, features: '', disposition: 'new-window' };
        return (await this.main.ask('windowOpen', this.id, details)) === 'deny';
      });
    });
    cdp.on('Page.frameRequestedNavigation', ({ url, frameId }) => {
      // Addresses of http and the shell's own reach the route below; Chromium drops others before that.
      if (frameId !== this.mainFrameId || /^https?:/.test(url)) return;
      void this.attempt('navigate', url, (address) => this.willNavigate(address));
    });
    page.on('popup', (popup) => {
      popup.close().catch(this.onError);
    });
    await page.route('**/*', (route) => this.serve(route).catch(this.onError));

    await cdp.send('Page.enable');
    await cdp.send('Runtime.enable');
    const { frameTree } = await cdp.send('Page.getFrameTree');
    this.mainFrameId = frameTree.frame.id;
    await cdp.send('Runtime.addBinding', { name: names.binding, executionContextName: worldName });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: pageWorldSource(names) });
    const preload = preferences.preload === undefined ? '' : readFileSync(preferences.preload, 'utf8');
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: preloadWorldSource(names, preload),
      worldName,
    });
    await this.applyPermissions();
  }

  /** Chromium grants the page what the main process's check handler grants it, and nothing else. */
  private async applyPermissions(): Promise<void> {
    const { targetInfo } = await this.cdp.send('Target.getTargetInfo');
    const { browserContextId } = targetInfo;
    for (const [name, electronName] of permissions) {
      const granted = await this.main.ask('askPermission', 'check', electronName);
      await this.cdp.send('Browser.setPermission', {
        permission: { name },
        setting: granted ? 'granted' : 'denied',
        origin: toChromium('app://ui'),
        ...(browserContextId === undefined ? {} : { browserContextId }),
      });
    }
  }

  private heard(message: WorldMessage, contextId: number): void {
    if (message.op === 'violation') {
      this.records.violations.push({
        directive: message.directive,
        blocked: fromChromium(message.blocked),
        sample: message.sample,
      });
      return;
    }
    const frame = { url: fromChromium(message.url), origin: fromChromium(message.origin), main: true };
    const args = JSON.stringify(message.args);
    if (message.op === 'send') {
      this.main.ask('send', this.id, frame, message.channel, args).catch(this.onError);
      return;
    }
    const { id } = message;
    this.main
      .ask('invoke', this.id, frame, message.channel, args)
      .then(
        (value): WorldDelivery => ({ op: 'reply', id, ok: true, value: JSON.parse(value) as Encoded }),
        (error: unknown): WorldDelivery => ({ op: 'reply', id, ok: false, message: (error as Error).message }),
      )
      .then((delivery) => (this.preloadContext === contextId ? this.deliver(delivery) : undefined))
      .catch(this.onError);
  }

  private async deliver(delivery: WorldDelivery): Promise<void> {
    if (this.preloadContext === undefined || this.page.isClosed()) return;
    try {
      await this.cdp.send('Runtime.callFunctionOn', {
        functionDeclaration: `function (delivery) { globalThis['${this.names.deliver}'](delivery); }`,
        executionContextId: this.preloadContext,
        arguments: [{ value: delivery }],
      });
    } catch (error) {
      // The page went while the message was on its way; so it is lost with Electron, too.
      if (!/context|closed|detached|navigat/i.test((error as Error).message)) this.onError(error);
    }
  }

  /** Asks the main process about something the page tried, and keeps a record. */
  private async attempt(
    kind: 'navigate' | 'redirect' | 'window',
    url: string,
    ask: (address: string) => Promise<boolean>,
  ): Promise<boolean> {
    const address = fromChromium(url);
    const stopped = await ask(address);
    this.records.attempts.push({ kind, url: address, stopped });
    if (!stopped && (kind === 'window' || !address.startsWith('app:'))) {
      this.onError(new Error(`The stand-in cannot follow the page to ${address}, which the main process allowed.`));
    }
    return stopped;
  }

  private async willNavigate(url: string): Promise<boolean> {
    const details = { url, isMainFrame: true, isSameDocument: false };
    const first = await this.main.ask('contentsEvent', this.id, 'will-frame-navigate', details);
    return first || (await this.main.ask('contentsEvent', this.id, 'will-navigate', details));
  }

  private async serve(route: Route): Promise<void> {
    const request = route.request();
    const address = fromChromium(request.url());
    if (request.isNavigationRequest() && !this.loading) {
      if (await this.attempt('navigate', request.url(), (url) => this.willNavigate(url))) {
        await route.abort('aborted');
        return;
      }
    }
    if ((await this.main.ask('beforeRequest', address, request.resourceType())).cancel) {
      this.records.refusedRequests.push(address);
      await route.abort('blockedbyclient');
      return;
    }
    if (!address.startsWith('app:')) {
      this.records.networkRequests.push(address);
      await route.abort('internetdisconnected');
      return;
    }
    const body = request.postDataBuffer();
    const answer = await this.main.ask(
      'request',
      address,
      request.method(),
      await request.allHeaders(),
      body === null ? undefined : new Uint8Array(body),
    );
    if (answer.status >= 300 && answer.status < 400) {
      const target = new URL(answer.headers['location'] ?? '', address).href;
      const details = { url: target, isMainFrame: true, isSameDocument: false };
      const ask = (): Promise<boolean> => this.main.ask('contentsEvent', this.id, 'will-redirect', details);
      if (await this.attempt('redirect', target, ask)) {
        await route.abort('aborted');
        return;
      }
    }
    await route.fulfill({ status: answer.status, headers: answer.headers, body: Buffer.from(answer.body) });
  }

  /** The text a call over IPC carries for these arguments. */
  static encodeArgs(args: readonly unknown[]): string {
    return JSON.stringify(plain.encode(args));
  }

  static decodeValue(text: string): unknown {
    return plain.decode(JSON.parse(text) as Encoded);
  }
}
