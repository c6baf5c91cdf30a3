import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../engine/engine.ts';
import { createClient } from '../shared/client/index.ts';
import type { Client } from '../shared/client/index.ts';
import type { TreeQuestion } from './count-questions.ts';

/** A whole engine in a process of its own, asked over the contract as a window asks it. */

export type CountRequest =
  | { readonly act: 'open'; readonly root: string; readonly live: boolean }
  | { readonly act: 'count' }
  /** A file is written in this folder: how long until the store's new total is announced. */
  | { readonly act: 'change'; readonly folder: string }
  | { readonly act: 'idle'; readonly forMs: number }
  /** A question about the tree in memory. */
  | { readonly act: 'ask'; readonly what: TreeQuestion }
  | { readonly act: 'close' };

export interface CountReply {
  readonly seconds: number;
  readonly memoryMb: number;
}

const home = mkdtempSync(join(tmpdir(), 'larder-bench-home-'));
let client: Client | undefined;
let store = '';
let stop: (() => Promise<void>) | undefined;

function connected(): Client {
  if (client === undefined) throw new Error('The engine is not open.');
  return client;
}

async function open(root: string, live: boolean): Promise<void> {
  const engine = await createEngine({
    home,
    version: 'bench',
    live,
    poolWorkerUrl: new URL('../engine/pool-worker.ts', import.meta.url),
  });
  stop = () => engine.stop();
  client = createClient(engine.connect({ paths: 'any' }));
  const { promise, resolve } = Promise.withResolvers<undefined>();
  client.on('stores.changed', ({ stores }) => {
    if (['live', 'partial'].includes(stores[0]?.live.state ?? '')) resolve(undefined);
  });
  store = (await client.call('stores.add', { path: root })).id;
  if (live) await promise;
}

async function change(folder: string): Promise<number> {
  const file = join(folder, 'larder-bench-change');
  const announced = (): Promise<number> =>
    new Promise((resolve) => {
      const off = connected().on('usage.changed', () => {
        off();
        resolve(performance.now());
      });
    });
  const shown = announced();
  const begin = performance.now();
  writeFileSync(file, 'x');
  const seconds = ((await shown) - begin) / 1_000;
  const gone = announced();
  rmSync(file);
  await gone;
  return seconds;
}

let asked = 0;

async function ask(what: TreeQuestion): Promise<void> {
  const on = connected();
  const { entries } = await on.call('usage.children', { store, path: '', limit: 1 });
  const top = entries[0]?.name ?? '';
  switch (what) {
    case 'children':
      await on.call('usage.children', { store, path: top, sort: 'allocated' });
      break;
    case 'treemap':
      await on.call('usage.treemap', { store, path: '' });
      break;
    case 'details':
      // Another number each time: the same question would be answered from memory.
      await on.call('usage.details', { store, path: '', limit: 50 + (asked++ % 50) });
      break;
    case 'freed':
      await on.call('usage.freed', { store, paths: [top] });
  }
}

async function answer(request: CountRequest): Promise<number> {
  const begin = performance.now();
  switch (request.act) {
    case 'open':
      await open(request.root, request.live);
      break;
    case 'count':
      await connected().call('usage.get', { store });
      break;
    case 'change':
      return change(request.folder);
    case 'ask':
      await ask(request.what);
      break;
    case 'idle': {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, request.forMs));
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    }
    case 'close':
      client?.close();
      await stop?.();
      rmSync(home, { recursive: true, force: true });
  }
  return (performance.now() - begin) / 1_000;
}

process.on('message', (request: CountRequest) => {
  void answer(request).then(
    (seconds) => {
      const reply: CountReply = { seconds, memoryMb: Math.round(process.memoryUsage.rss() / 1024 / 1024) };
      process.send?.(reply);
      if (request.act === 'close') process.disconnect();
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
