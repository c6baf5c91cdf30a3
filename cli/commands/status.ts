import type { Command } from 'commander';
import type { Backup, Disk, Forecast, Store, UsageSummary } from '../../shared/contract/index.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatPercent,
  formatQuantity,
  formatRelativeTime,
} from '../../shared/format.ts';
import { examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { growthOf, growthSpans, growthText } from '../growth.ts';
import type { Growth } from '../growth.ts';
import { backupJson, isoTime, usageJson } from '../json.ts';
import { facts, table } from '../table.ts';
import { printable } from '../text.ts';

interface StoreStatus {
  readonly store: Store;
  /** Undefined when the store cannot be read. */
  readonly summary: UsageSummary | undefined;
  readonly growth: (path: string, allocatedNow: number) => Growth;
  readonly disk: Disk | undefined;
  readonly forecast: Forecast | undefined;
  readonly lastBackup: Backup | undefined;
}

async function statusOf(context: CommandContext, store: Store): Promise<Omit<StoreStatus, 'disk' | 'forecast'>> {
  const client = await context.client();
  const { signal } = context;
  // A single command watches nothing: this counts.
  const summary = store.state === 'ok' ? await client.call('usage.get', { store: store.id }, { signal }) : undefined;
  const growth = await growthOf(client, store.id, context.terminal.now(), signal);
  const { backups } = await client.call('backups.list', { store: store.id }, { signal });
  const usable = backups.filter(({ problem }) => problem === undefined);
  const lastBackup = usable.toSorted((a, b) => b.finishedAtMs - a.finishedAtMs)[0];
  return { store, summary, growth, lastBackup };
}

function forecastJson({
  state,
  reason,
  bytesPerDay,
  fullAtMs,
  earliestMs,
  latestMs,
}: Forecast): Record<string, unknown> {
  return {
    state,
    reason,
    bytesPerDay: bytesPerDay ?? null,
    fullAt: isoTime(fullAtMs),
    earliest: isoTime(earliestMs),
    latest: isoTime(latestMs),
  };
}

function asJson({ store, summary, growth, disk, forecast, lastBackup }: StoreStatus): Record<string, unknown> {
  return {
    store: store.id,
    storeName: store.name,
    path: store.path,
    state: store.state,
    stateReason: store.stateReason,
    live: summary?.live ?? store.live,
    usage: summary === undefined ? null : usageJson(store, summary, growth),
    disk:
      disk === undefined
        ? null
        : {
            mountPoint: disk.mountPoint,
            type: disk.type,
            network: disk.network,
            capacity: disk.capacity,
            free: disk.free,
            inodes: disk.inodes ?? null,
            backupsShare: disk.backupsShare.includes(store.id),
            forecast: forecast === undefined ? null : forecastJson(forecast),
          },
    lastBackup: lastBackup === undefined ? null : backupJson(lastBackup),
  };
}

function backupText(backup: Backup | undefined, nowMs: number): string {
  if (backup === undefined) return 'none yet';
  const { verified } = backup;
  const checked =
    verified === undefined
      ? 'not verified'
      : verified.ok
        ? `verified (${verified.mode}) ${formatRelativeTime(verified.atMs, nowMs)}`
        : 'DAMAGED';
  const partial = backup.status === 'partial' ? `, ${formatCount(backup.skipped.length)} skipped` : '';
  return `${formatRelativeTime(backup.finishedAtMs, nowMs)}${partial}, ${checked}`;
}

/** One screen, not all of it: `usage` lists the rest. */
const shownAreas = 10;

/** When the disk will be full, in words. */
export function forecastText(forecast: Forecast): string {
  const { state, reason, bytesPerDay = 0, fullAtMs, earliestMs, latestMs } = forecast;
  switch (state) {
    case 'unknown':
      return `cannot be told yet: ${reason}`;
    case 'steady':
      return `not filling up. ${reason}`;
    case 'growing': {
      const pace = `${formatBytes(bytesPerDay)} a day`;
      if (fullAtMs === undefined || earliestMs === undefined) return `${pace}. ${reason}`;
      const range =
        latestMs === undefined
          ? `${formatDate(earliestMs)} at the earliest`
          : `${formatDate(earliestMs)} to ${formatDate(latestMs)}`;
      return `full about ${formatDate(fullAtMs)} (${range}), at ${pace}. ${reason}`;
    }
  }
}

function liveText({ state, reason }: Store['live']): string {
  const words = { off: 'not watched', starting: 'starting', live: 'live', partial: 'partly live' } as const;
  return reason === undefined ? words[state] : `${words[state]}: ${printable(reason)}`;
}

function asText(status: StoreStatus, nowMs: number): string {
  const { store, summary, growth, disk, forecast, lastBackup } = status;
  const spans = growth('', summary?.allocated ?? 0);
  const known = growthSpans.filter(({ key }) => spans[key] !== null);
  const head = facts([
    [
      'size',
      summary === undefined
        ? printable(store.stateReason ?? store.state)
        : `${summary.atLeast ? 'at least ' : ''}${formatBytes(summary.bytes)}, ${formatBytes(summary.allocated)} on disk, ${formatQuantity(summary.files, 'file')}`,
    ],
    [
      'growth',
      summary === undefined
        ? undefined
        : known.length === 0
          ? 'no history yet'
          : known.map(({ key, title }) => `${title.toLowerCase()}: ${growthText(spans[key])}`).join('   '),
    ],
    [
      'disk',
      disk === undefined
        ? undefined
        : `${printable(disk.mountPoint)}, ${formatPercent(disk.capacity - disk.free, disk.capacity)} of ` +
          `${formatBytes(disk.capacity)} used, ${formatBytes(disk.free)} free` +
          (disk.backupsShare.includes(store.id) ? '; the backups lie on it, too' : ''),
    ],
    ['forecast', forecast === undefined ? undefined : forecastText(forecast)],
    ['last backup', backupText(lastBackup, nowMs)],
    ['changes', summary === undefined ? undefined : liveText(summary.live)],
  ]);
  const right = 'right' as const;
  const areas = summary?.areas.toSorted((a, b) => b.allocated - a.allocated) ?? [];
  const more = areas.splice(shownAreas).length;
  return (
    `${printable(store.name)}  ${printable(store.path)}\n${head}` +
    (areas.length === 0
      ? ''
      : `\n${table(
          [
            { title: 'AREA' },
            { title: 'ROLE' },
            { title: 'SIZE', align: right },
            { title: 'ON DISK', align: right },
            ...known.map(({ title }) => ({ title, align: right })),
          ],
          areas.map((area) => [
            `${printable(area.path)}/`,
            area.role,
            formatBytes(area.bytes),
            formatBytes(area.allocated),
            ...known.map(({ key }) => growthText(growth(area.path, area.allocated)[key])),
          ]),
        )}`) +
    (more > 0 ? `and ${formatQuantity(more, 'smaller one')}; all of them: larder usage\n` : '')
  );
}

/** `larder status [STORE]` */
export function registerStatus(program: Command, run: Run): void {
  program
    .command('status')
    .argument('[store]', 'name, id or path of the store; every store when not given')
    .description('one screen: usage, growth, disk, last backup')
    .addHelpText('after', examples('larder status', 'larder status project --json'))
    .action((name: string | undefined) =>
      run(async (context) => {
        const client = await context.client();
        const { signal } = context;
        const stores =
          name === undefined
            ? (await client.call('stores.list', {}, { signal })).stores
            : [await findStore(context, name)];
        const found: Omit<StoreStatus, 'disk' | 'forecast'>[] = [];
        for (const store of stores) found.push(await statusOf(context, store));
        const { disks } = await client.call('usage.disks', {}, { signal });
        const { forecasts } = await client.call('usage.forecast', {}, { signal });
        const statuses = found.map((status): StoreStatus => {
          const disk = disks.find((each) => each.stores.includes(status.store.id));
          const forecast = forecasts.find((each) => each.mountPoint === disk?.mountPoint);
          return { ...status, disk, forecast };
        });
        const [only] = statuses;
        const now = context.terminal.now();
        print(
          context,
          () => (statuses.length === 1 && only !== undefined ? asJson(only) : { stores: statuses.map(asJson) }),
          () =>
            statuses.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : statuses.map((status) => asText(status, now)).join('\n'),
        );
        if (name !== undefined && only?.summary === undefined) return exitCodes.notFound;
        return statuses.some(({ summary }) => summary?.atLeast !== false) ? exitCodes.partly : exitCodes.done;
      }),
    );
}
