import { codec } from './codec.ts';
import type { Encoded } from './codec.ts';

/** What a world says to Node through its binding. */
export type WorldMessage =
  | { op: 'invoke'; id: number; channel: string; args: Encoded; url: string; origin: string }
  | { op: 'send'; channel: string; args: Encoded; url: string; origin: string }
  | { op: 'violation'; directive: string; blocked: string; sample: string };

/** What Node says to the preload's world. */
export type WorldDelivery =
  | { op: 'reply'; id: number; ok: true; value: Encoded }
  | { op: 'reply'; id: number; ok: false; message: string }
  | { op: 'message'; channel: string; args: Encoded };

type AnyFunction = (...args: unknown[]) => unknown;

interface Membrane {
  encode(value: unknown): string;
  decode(text: string): unknown;
  /** Tells the other world, which answers at once. */
  ask(message: Record<string, unknown>): unknown;
  onExpose(listener: (name: string, api: unknown) => void): void;
}

/**
 * One side of the border between the page's world and the preload's. The two share the document and nothing else, so
 * they speak through events on it, under names that nobody else knows; an event is heard before `dispatchEvent`
 * returns. By its source part of the page: uses nothing from outside itself.
 */
function membrane(makeCodec: typeof codec, outgoing: string, incoming: string): Membrane {
  const target = document;
  const CustomEventOfThisWorld = CustomEvent;
  const dispatch = target.dispatchEvent.bind(target);
  const stringify = JSON.stringify;
  const parse = JSON.parse as (text: string) => unknown;
  const lent = new Map<number, AnyFunction>();
  const numbers = new WeakMap<AnyFunction, number>();
  const settling = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let expose: ((name: string, api: unknown) => void) | undefined;
  let count = 0;
  let reply: string | undefined;

  const { encode, decode } = makeCodec({
    lend(value) {
      if (typeof value === 'function') {
        const id = numbers.get(value as AnyFunction) ?? ++count;
        numbers.set(value as AnyFunction, id);
        lent.set(id, value as AnyFunction);
        return { kind: 'function', id };
      }
      if (value instanceof Promise) {
        const id = ++count;
        value.then(
          (result) => ask({ op: 'settle', promise: id, ok: true, value: encode(result) }),
          (error: unknown) => ask({ op: 'settle', promise: id, ok: false, value: encode(asError(error)) }),
        );
        return { kind: 'promise', id };
      }
      return undefined;
    },
    borrow(kind, id) {
      if (kind === 'promise') {
        return new Promise((resolve, reject) => {
          settling.set(id, { resolve, reject });
        });
      }
      return (...args: unknown[]) => ask({ op: 'call', fn: id, args: encode(args) });
    },
  });

  function asError(error: unknown): Error {
    return new Error(error instanceof Error ? error.message : String(error));
  }

  function run(message: Record<string, unknown>): Encoded {
    if (message['op'] === 'call') {
      const fn = lent.get(message['fn'] as number);
      if (fn === undefined) throw new Error('There is no such function.');
      return encode(fn(...(decode(message['args'] as Encoded) as unknown[])));
    }
    if (message['op'] === 'settle') {
      const waiting = settling.get(message['promise'] as number);
      settling.delete(message['promise'] as number);
      const value = decode(message['value'] as Encoded);
      if (message['ok'] === true) waiting?.resolve(value);
      else waiting?.reject(value);
      return encode(undefined);
    }
    expose?.(message['name'] as string, decode(message['api'] as Encoded));
    return encode(undefined);
  }

  function ask(message: Record<string, unknown>): unknown {
    reply = undefined;
    dispatch(new CustomEventOfThisWorld(outgoing, { detail: stringify(message) }));
    const answered = reply as string | undefined;
    if (answered === undefined) throw new Error('The other world did not answer.');
    const { ok, value } = parse(answered) as { ok: boolean; value: Encoded };
    if (!ok) throw decode(value);
    return decode(value);
  }

  target.addEventListener(incoming, (event) => {
    let answer: { ok: boolean; value: Encoded };
    try {
      answer = { ok: true, value: run(parse((event as CustomEvent<string>).detail) as Record<string, unknown>) };
    } catch (error) {
      answer = { ok: false, value: encode(asError(error)) };
    }
    dispatch(new CustomEventOfThisWorld(`${outgoing}:reply`, { detail: stringify(answer) }));
  });
  target.addEventListener(`${incoming}:reply`, (event) => {
    reply = (event as CustomEvent<string>).detail;
  });

  return {
    encode: (value) => stringify(encode(value)),
    decode: (text) => decode(parse(text) as Encoded),
    ask,
    onExpose(listener) {
      expose = listener;
    },
  };
}

/** In the page's own world: puts up what the preload exposes, frozen through and through. */
function pageWorld(border: Membrane): void {
  const { freeze, defineProperty, values } = Object;
  function deepFreeze(value: unknown): void {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    values(value).forEach(deepFreeze);
    freeze(value);
  }
  border.onExpose((name, api) => {
    deepFreeze(api);
    defineProperty(globalThis, name, { value: api, writable: false, configurable: false, enumerable: true });
  });
}

/** In the preload's world: what `require('electron')` gives a sandboxed preload. */
function preloadWorld(
  makeCodec: typeof codec,
  border: Membrane,
  tell: (message: WorldMessage) => void,
  deliverName: string,
): unknown {
  const plain = makeCodec();
  const listeners = new Map<string, Set<AnyFunction>>();
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;

  function listenersOf(channel: string): Set<AnyFunction> {
    const set = listeners.get(channel) ?? new Set();
    listeners.set(channel, set);
    return set;
  }
  function deliver(delivery: WorldDelivery): void {
    if (delivery.op === 'message') {
      const args = plain.decode(delivery.args) as unknown[];
      for (const listener of [...listenersOf(delivery.channel)]) listener({ sender: ipcRenderer, ports: [] }, ...args);
      return;
    }
    const waiter = waiting.get(delivery.id);
    waiting.delete(delivery.id);
    if (delivery.ok) waiter?.resolve(plain.decode(delivery.value));
    else waiter?.reject(new Error(delivery.message));
  }
  Object.defineProperty(globalThis, deliverName, { value: deliver });
  document.addEventListener('securitypolicyviolation', (event) => {
    tell({
      op: 'violation',
      directive: event.effectiveDirective,
      blocked: event.blockedURI,
      sample: event.sample,
    });
  });

  const ipcRenderer = {
    invoke(channel: string, ...args: unknown[]) {
      const id = ++count;
      tell({ op: 'invoke', id, channel, args: plain.encode(args), url: location.href, origin: location.origin });
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
      });
    },
    send(channel: string, ...args: unknown[]) {
      tell({ op: 'send', channel, args: plain.encode(args), url: location.href, origin: location.origin });
    },
    on(channel: string, listener: AnyFunction) {
      listenersOf(channel).add(listener);
      return ipcRenderer;
    },
    removeListener(channel: string, listener: AnyFunction) {
      listenersOf(channel).delete(listener);
      return ipcRenderer;
    },
    off(channel: string, listener: AnyFunction) {
      return ipcRenderer.removeListener(channel, listener);
    },
  };
  const contextBridge = {
    exposeInMainWorld(name: string, api: unknown) {
      border.ask({ op: 'expose', name, api: JSON.parse(border.encode(api)) as unknown });
    },
  };
  return { ipcRenderer, contextBridge };
}

export interface WorldNames {
  /** A secret of this window: the names of the border's events begin with it. */
  readonly token: string;
  /** Global of the preload's world through which it tells Node. */
  readonly binding: string;
  /** Global of the preload's world through which Node tells it. */
  readonly deliver: string;
}

const once = 'if (window !== window.top) return;';

/** The script for the page's own world, to run before any of its own. */
export function pageWorldSource({ token }: WorldNames): string {
  return `(() => { ${once} ${codec.toString()}
    (${pageWorld.toString()})((${membrane.toString()})(codec, '${token}:page', '${token}:preload'));
  })();`;
}

/** The script for the preload's world, with the built preload inside. Runs after {@link pageWorldSource}. */
export function preloadWorldSource({ token, binding, deliver }: WorldNames, preload: string): string {
  return `(() => { ${once} ${codec.toString()}
    const toNode = globalThis['${binding}'];
    delete globalThis['${binding}'];
    const border = (${membrane.toString()})(codec, '${token}:preload', '${token}:page');
    const electron = (${preloadWorld.toString()})(codec, border, (message) => toNode(JSON.stringify(message)), '${deliver}');
    const require = (name) => {
      if (name === 'electron') return electron;
      throw new Error('module not found: ' + name);
    };
    const module = { exports: {} };
    const process = Object.freeze({ platform: '${process.platform}', arch: '${process.arch}', type: 'renderer', sandboxed: true });
    (function (require, module, exports, process) {
${preload}
    })(require, module, module.exports, process);
  })();`;
}
