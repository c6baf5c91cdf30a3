import { useEffect } from 'react';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { Client } from '../../shared/client/index.ts';
import type { Output, ProcedureName } from '../../shared/contract/index.ts';
import { upsertJob } from './jobs.ts';
import { callKey } from './query.ts';
import { useClient } from './services.tsx';

/** Disks and history follow usage, which may move several times a second; they are asked for again at most this often. */
const quietMs = 5_000;
const followsUsage: readonly ProcedureName[] = [
  'usage.disks',
  'usage.history',
  'usage.treemap',
  'usage.details',
  'usage.freed',
  'usage.find',
  'usage.series',
  'usage.changes',
  'usage.forecast',
];

/** Keeps what was read from the engine true: events are written into the cache, or make it ask again. */
export function EventBridge(): null {
  const client = useClient();
  const queries = useQueryClient();
  useEffect(() => connectEvents(client, queries), [client, queries]);
  return null;
}

/** Connects the cache to the engine's events; the returned function ends it. */
export function connectEvents(client: Client, queries: QueryClient): () => void {
  const again = (...names: ProcedureName[]): void => {
    for (const name of names) void queries.invalidateQueries({ queryKey: [name] });
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const againSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      again(...followsUsage);
    }, quietMs);
  };
  const stops = [
    client.on('stores.changed', ({ stores }) => {
      queries.setQueryData<Output<'stores.list'>>(callKey('stores.list', {}), { stores });
      again('usage.disks', 'stores.probe', 'backups.list', 'restore.list', 'layouts.ofStore', 'discover.list');
    }),
    client.on('usage.changed', ({ store, summary }) => {
      queries.setQueryData<Output<'usage.get'>>(callKey('usage.get', { store }), summary);
      void queries.invalidateQueries({
        predicate: ({ queryKey: [name, input] }) =>
          name === 'usage.children' && (input as { store: string }).store === store,
      });
      againSoon();
    }),
    client.on('backups.changed', () => again('backups.list', 'backups.get', 'backups.plan', 'usage.disks')),
    client.on('layouts.changed', ({ store }) => {
      void queries.invalidateQueries({ queryKey: callKey('layouts.ofStore', { store }) });
    }),
    client.on('discover.found', ({ found }) => {
      queries.setQueryData<Output<'discover.list'>>(callKey('discover.list', {}), (list) =>
        list === undefined ? list : { ...list, found: [...list.found.filter(({ id }) => id !== found.id), found] },
      );
    }),
    client.on('health.changed', ({ store }) => {
      void queries.invalidateQueries({
        predicate: ({ queryKey: [name, input] }) =>
          (name === 'health.get' || name === 'health.history') && (input as { store: string }).store === store,
      });
    }),
    client.on('secrets.changed', () => {
      again('secrets.list');
      // What could not be read for want of a key may be readable now.
      void queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' });
    }),
    client.on('restore.changed', () => again('restore.list')),
    client.on('jobs.changed', ({ job }) => {
      queries.setQueryData<Output<'jobs.list'>>(callKey('jobs.list', {}), (list) =>
        list === undefined ? list : upsertJob(list, job),
      );
      if (job.status === 'running') return;
      if (job.kind === 'discover') again('discover.list');
      if (job.kind === 'setup' || job.kind === 'undo') again('setup.list', 'layouts.ofStore');
      void queries.invalidateQueries({
        predicate: ({ queryKey: [name, input] }) =>
          (name === 'jobs.list' && Object.keys(input as object).length > 0) ||
          (name === 'jobs.get' && (input as { job: string }).job === job.id),
      });
    }),
    client.on('settings.changed', ({ settings }) => {
      queries.setQueryData<Output<'settings.get'>>(callKey('settings.get', {}), settings);
    }),
    client.on('system.notices', ({ notices }) => {
      queries.setQueryData<Output<'system.info'>>(callKey('system.info', {}), (info) =>
        info === undefined ? info : { ...info, notices },
      );
    }),
    client.onGap(() => void queries.invalidateQueries()),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
