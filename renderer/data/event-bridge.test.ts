import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../shared/client/index.ts';
import { defaultStoreRules } from '../../shared/contract/index.ts';
import type { EventData, EventName, Job, Store } from '../../shared/contract/index.ts';
import { connectEvents } from './event-bridge.tsx';
import { callKey } from './query.ts';

/** A client whose events the test sends. */
function testClient(): {
  client: Client;
  send: <N extends EventName>(name: N, data: EventData<N>) => void;
  gap: () => void;
  heard: () => number;
} {
  const listeners = new Map<string, Set<(data: never) => void>>();
  const gaps = new Set<() => void>();
  const client: Client = {
    connection: 'connected',
    call: () => Promise.reject(new Error('not asked in these tests')),
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    onGap(listener) {
      gaps.add(listener);
      return () => gaps.delete(listener);
    },
    onConnection: () => () => {},
    close: () => {},
  };
  return {
    client,
    send: (name, data) => listeners.get(name)?.forEach((listener) => listener(data as never)),
    gap: () => gaps.forEach((listener) => listener()),
    heard: () => gaps.size + [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

const job: Job = {
  id: 'j1',
  kind: 'backup',
  title: 'Back up a',
  status: 'running',
  phase: 'Reading files',
  bytesDone: 0,
  filesDone: 0,
  bytesPerSecond: 0,
  cancellable: true,
  startedAtMs: 0,
  warningCount: 0,
};
const store: Store = {
  id: 's1',
  name: 'a',
  path: '/a',
  addedAtMs: 0,
  state: 'ok',
  destination: '/b',
  live: { state: 'live' },
  rules: defaultStoreRules,
};
const summary = {
  store: 's1',
  path: '/a',
  bytes: 5,
  allocated: 5,
  files: 1,
  dirs: 1,
  newest: 0,
  atLeast: false,
  unreadable: [],
  areas: [],
  loose: { bytes: 5, allocated: 5, files: 1 },
  oldest: 0,
  hardLinks: { names: 0, bytes: 0 },
  sparse: { files: 0, bytes: 0 },
  mounts: [],
  live: { state: 'live' as const },
};

describe('the cache follows events', () => {
  let queries: QueryClient;
  let test: ReturnType<typeof testClient>;
  let stop: () => void;
  const stale = (key: readonly unknown[]): boolean | undefined => queries.getQueryState(key)?.isInvalidated;

  beforeEach(() => {
    vi.useFakeTimers();
    queries = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity } } });
    test = testClient();
    stop = connectEvents(test.client, queries);
  });
  afterEach(() => {
    stop();
    queries.clear();
    vi.useRealTimers();
  });

  it('asks for the areas of a store again, and for those of no other', () => {
    const [a, b] = [callKey('layouts.ofStore', { store: 's1' }), callKey('layouts.ofStore', { store: 's2' })];
    for (const key of [a, b]) queries.setQueryData(key, {});
    test.send('layouts.changed', { store: 's1' });
    expect(stale(a)).toBe(true);
    expect(stale(b)).toBe(false);
  });

  it('takes stores that are found over as they come, and asks once all are', () => {
    const key = callKey('discover.list', {});
    const found = {
      id: 'ollama',
      layout: { id: 'ollama', title: 'Ollama' },
      path: '/m',
      score: 1,
      why: '',
      speaksFor: [],
    };
    queries.setQueryData(key, { found: [] });
    test.send('discover.found', { found });
    const size = { bytes: 1, allocated: 1, files: 1, atLeast: false };
    test.send('discover.found', { found: { ...found, size } });
    expect(queries.getQueryData(key)).toEqual({ found: [{ ...found, size }] });
    test.send('jobs.changed', { job: { ...job, kind: 'discover', status: 'done' } });
    expect(stale(key)).toBe(true);
  });

  it('takes stores, settings and notices over as they come', () => {
    test.send('stores.changed', { stores: [store] });
    expect(queries.getQueryData(['stores.list', {}])).toEqual({ stores: [store] });
    const settings = {
      theme: 'dark',
      format: 'gz',
      verifyAfterBackup: false,
      undoDays: 3,
      healthScheduled: false,
      healthEveryHours: 6,
    } as const;
    test.send('settings.changed', { settings });
    expect(queries.getQueryData(['settings.get', {}])).toEqual(settings);
    queries.setQueryData(['system.info', {}], { version: '1', notices: [] });
    const notice = { id: 'n', level: 'warn', message: 'm', atMs: 0 } as const;
    test.send('system.notices', { notices: [notice] });
    expect(queries.getQueryData(['system.info', {}])).toEqual({ version: '1', notices: [notice] });
  });

  it('takes usage over, asks for the folders of that store again, and for disks after a while', () => {
    queries.setQueryData(['usage.children', { store: 's1', path: 'x' }], {});
    queries.setQueryData(['usage.children', { store: 's2', path: 'x' }], {});
    queries.setQueryData(['usage.disks', {}], {});
    test.send('usage.changed', { store: 's1', summary, paths: [''] });
    expect(queries.getQueryData(['usage.get', { store: 's1' }])).toEqual(summary);
    expect(stale(['usage.children', { store: 's1', path: 'x' }])).toBe(true);
    expect(stale(['usage.children', { store: 's2', path: 'x' }])).toBe(false);
    expect(stale(['usage.disks', {}])).toBe(false);
    vi.advanceTimersByTime(5_000);
    expect(stale(['usage.disks', {}])).toBe(true);
  });

  it('writes jobs into the list, and asks for filtered lists again only when one ends', () => {
    queries.setQueryData(['jobs.list', {}], { jobs: [], more: false });
    queries.setQueryData(['jobs.list', { kind: 'backup' }], { jobs: [], more: false });
    queries.setQueryData(['jobs.get', { job: 'j1' }], {});
    queries.setQueryData(['jobs.get', { job: 'other' }], {});
    test.send('jobs.changed', { job });
    expect(queries.getQueryData(['jobs.list', {}])).toEqual({ jobs: [job], more: false });
    expect(stale(['jobs.list', { kind: 'backup' }])).toBe(false);
    test.send('jobs.changed', { job: { ...job, status: 'done' } });
    expect(stale(['jobs.list', {}])).toBe(false);
    expect(stale(['jobs.list', { kind: 'backup' }])).toBe(true);
    expect(stale(['jobs.get', { job: 'j1' }])).toBe(true);
    expect(stale(['jobs.get', { job: 'other' }])).toBe(false);
  });

  it('asks again for the health of the store it was told of, and of no other', () => {
    const counts = { pass: 1, warn: 0, fail: 0, skip: 0, muted: 0 };
    for (const store of ['s1', 's2']) {
      queries.setQueryData(['health.get', { store }], { running: false });
      queries.setQueryData(['health.history', { store, sinceMs: 0 }], { samples: [] });
    }
    test.send('health.changed', { store: 's1', summary: { atMs: 0, ok: true, score: 100, counts, failing: [] } });
    expect(stale(['health.get', { store: 's1' }])).toBe(true);
    expect(stale(['health.history', { store: 's1', sinceMs: 0 }])).toBe(true);
    expect(stale(['health.get', { store: 's2' }])).toBe(false);
    expect(stale(['health.history', { store: 's2', sinceMs: 0 }])).toBe(false);
  });

  it('asks for everything again after a gap', () => {
    queries.setQueryData(['settings.get', {}], {});
    queries.setQueryData(['jobs.list', {}], { jobs: [], more: false });
    test.gap();
    expect(stale(['settings.get', {}])).toBe(true);
    expect(stale(['jobs.list', {}])).toBe(true);
  });

  it('lets go of everything when it ends', () => {
    queries.setQueryData(['usage.disks', {}], {});
    test.send('usage.changed', { store: 's1', summary, paths: [] });
    stop();
    expect(test.heard()).toBe(0);
    vi.advanceTimersByTime(60_000);
    expect(stale(['usage.disks', {}])).toBe(false);
  });
});
