import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../engine/engine.ts';
import { entryUrl } from '../engine/host/entry-url.ts';
import { createClient } from '../shared/client/index.ts';
import type { Client } from '../shared/client/index.ts';
import type { TreeQuestion } from './count-questions.ts';

/** A whole engine in a process of its own, asked over the contract as a window asks it. */

export type CountRequest =
  | { readonly act: 'open'; readonly root: string; readonly live: boolean }
  | { readonly act: 'count' }
  /** A file is written in this folder (relative): how long until the store's new total is announced. */
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
let root = '';
let store = '';
/** The folder with most entries. */
let widest: { path: string; entries: number } | undefined;
let stop: (() => Promise<void>) | undefined;

function connected(): Client {
  if (client === undefined) throw new Error('The engine is not open.');
  return client;
}

async function open(path: string, live: boolean): Promise<void> {
  const engine = await createEngine({
    home,
    version: 'bench',
    live,
    poolWorkerUrl: entryUrl(import.meta.url, '../engine/pool-worker'),
  });
  stop = () => engine.stop();
  client = createClient(engine.connect({ paths: 'any' }));
  root = path;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  client.on('stores.changed', ({ stores }) => {
    if (['live', 'partial'].includes(stores[0]?.live.state ?? '')) resolve(undefined);
  });
  store = (await client.call('stores.add', { path })).id;
  if (live) await promise;
}

/** Announcements come at most every 200 ms: one that has just been made must not hold up the next that is measured. */
const quietMs = 300;

async function change(folder: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, quietMs));
  const file = join(root, folder, 'larder-bench-change');
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

/** Down the folders with most files. */
async function findWidest(): Promise<{ path: string; entries: number }> {
  let best = { path: '', entries: 0 };
  for (let path = ''; ;) {
    const { entries, total } = await connected().call('usage.children', { store, path, sort: 'files', limit: 1 });
    if (total > best.entries) best = { path, entries: total };
    const [first] = entries;
    if (first?.kind !== 'dir') return best;
    path = join(path, first.name);
  }
}

let asked = 0;

/** Gives the seconds to the answer. */
async function ask(what: TreeQuestion): Promise<number> {
  const on = connected();
  widest ??= await findWidest();
  const { path, entries } = widest;
  if (what.endsWith('anew')) await change(path);
  const page = (): Promise<unknown> =>
    on.call('usage.children', {
      store,
      path,
      sort: what.includes('by size') ? 'allocated' : 'name',
      offset: what.startsWith('middle') ? Math.floor(entries / 2) : 0,
    });
  if (what.endsWith('again')) await page();
  // Another number each time where the same question would be answered from memory.
  const number = 10 + (asked++ % 90);
  const begin = performance.now();
  if (what === 'treemap') await on.call('usage.treemap', { store, path: '' });
  else if (what === 'details') await on.call('usage.details', { store, path: '', limit: number });
  else if (what === 'find') await on.call('usage.find', { store, text: `-${number}` });
  else if (what === 'freed') await on.call('usage.freed', { store, paths: [path] });
  else await page();
  return (performance.now() - begin) / 1_000;
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
      return ask(request.what);
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
