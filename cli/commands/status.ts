import type { Command } from 'commander';
import type { Backup, Disk, Forecast, HealthReport, Job, Store, UsageSummary } from '../../shared/contract/index.ts';
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
import type { StoreGrowth } from '../growth.ts';
import { isoTime } from '../iso-time.ts';
import { backupJson, usageJson } from '../json.ts';
import { facts, table } from '../table.ts';
import { printable } from '../text.ts';
import { alertsOf } from './alerts.ts';
import type { Alert } from './alerts.ts';

interface StoreStatus {
  readonly store: Store;
  /** Undefined when the store cannot be read. */
  readonly summary: UsageSummary | undefined;
  readonly growth: StoreGrowth;
  /** The one its root lies on, and those of mounts counted with it. */
  readonly disk: Disk | undefined;
  readonly otherDisks: readonly Disk[];
  readonly forecast: Forecast | undefined;
  readonly lastBackup: Backup | undefined;
  readonly health: HealthReport;
  /** Why its backup folder cannot be reached. */
  readonly away: string | undefined;
  readonly alerts: readonly Alert[];
}

interface Looked extends Pick<StoreStatus, 'store' | 'summary' | 'growth' | 'lastBackup' | 'health' | 'away'> {
  /** The last attempt to back up. */
  readonly lastJob: Job | undefined;
}

async function lookAt(context: CommandContext, store: Store): Promise<Looked> {
  const client = await context.client();
  const { signal } = context;
  // A single command watches nothing: this counts.
  const summary = store.state === 'ok' ? await client.call('usage.get', { store: store.id }, { signal }) : undefined;
  const growth = await growthOf(client, store.id, context.terminal.now(), signal);
  const { backups, problems } = await client.call('backups.list', { store: store.id }, { signal });
  const usable = backups.filter(({ problem }) => problem === undefined);
  const lastBackup = usable.toSorted((a, b) => b.finishedAtMs - a.finishedAtMs)[0];
  const away = problems.find(({ path, fix }) => fix === 'reach' && path === store.destination)?.message;
  const { jobs } = await client.call('jobs.list', { store: store.id, kind: 'backup', limit: 1 }, { signal });
  const health = await client.call('health.run', { store: store.id }, { signal });
  return { store, summary, growth, lastBackup, away, lastJob: jobs[0], health };
}

/** Disks of a store, the one its root lies on first. */
function disksOf(store: Store, disks: readonly Disk[]): Disk[] {
  const isOn = ({ mountPoint }: Disk): boolean =>
    store.path === mountPoint || store.path.startsWith(mountPoint.replace(/\/*$/, '/'));
  return disks
    .filter((disk) => disk.stores.includes(store.id))
    .sort((a, b) => Number(isOn(b)) - Number(isOn(a)) || b.mountPoint.length - a.mountPoint.length);
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

function diskJson(disk: Disk, store: Store): Record<string, unknown> {
  return {
    mountPoint: disk.mountPoint,
    type: disk.type,
    network: disk.network,
    capacity: disk.capacity,
    free: disk.free,
    inodes: disk.inodes ?? null,
    backupsShare: disk.backupsShare.includes(store.id),
  };
}

function asJson(status: StoreStatus): Record<string, unknown> {
  const { store, summary, growth, disk, otherDisks, forecast, lastBackup, health, alerts } = status;
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
        : { ...diskJson(disk, store), forecast: forecast === undefined ? null : forecastJson(forecast) },
    otherDisks: otherDisks.map((each) => diskJson(each, store)),
    lastBackup: lastBackup === undefined ? null : backupJson(lastBackup),
    health: healthJson(health),
    alerts,
  };
}

function backupText(backup: Backup | undefined, away: string | undefined, nowMs: number): string {
  if (backup === undefined) return away === undefined ? 'none yet' : 'not known, as the backup folder is away';
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

/** One screen, not all of it: `usage` and `health` list the rest. */
const shownAreas = 10;
const shownFailing = 3;

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
  const words = {
    off: 'not watched: no Larder is running for it',
    starting: 'a running Larder is about to watch it',
    live: 'watched by a running Larder',
    partial: 'partly watched by a running Larder',
  } as const;
  if (reason === undefined) return words[state];
  return state === 'off' ? `not watched: ${printable(reason)}` : `${words[state]}: ${printable(reason)}`;
}

function diskText(disk: Disk, store: Store): string {
  const used = formatPercent(disk.capacity - disk.free, disk.capacity);
  const share = disk.backupsShare.includes(store.id) ? '; the backups lie on it, too' : '';
  return `${printable(disk.mountPoint)}, ${used} of ${formatBytes(disk.capacity)} used, ${formatBytes(disk.free)} free${share}`;
}

/** What fails, and how many warn; `health` has the rest. */
function healthJson({ ok, score, counts, checks }: HealthReport): Record<string, unknown> {
  const failing = checks.filter(({ status, muted }) => status === 'fail' && muted === undefined);
  return {
    ok,
    score,
    counts,
    failing: failing.map(({ id, area, title, evidence }) => ({ id, area, title, evidence })),
  };
}

/** Lines of what fails, and a word on the rest. */
function healthLines({ score, counts, checks }: HealthReport): [string, string][] {
  const warnings = counts.warn === 0 ? '' : `, ${formatQuantity(counts.warn, 'warning')}`;
  const failures = counts.fail === 0 ? 'nothing fails' : formatQuantity(counts.fail, 'failure');
  const failing = checks.filter(({ status, muted }) => status === 'fail' && muted === undefined);
  const more = failing.length - shownFailing;
  return [
    ['health', `${score} of 100: ${failures}${warnings}`],
    ...failing
      .slice(0, shownFailing)
      .map(({ title, evidence }): [string, string] => ['', `! ${printable(title)}: ${printable(evidence)}`]),
    ...(more > 0 ? [['', `and ${more} more; all of it: larder health`] satisfies [string, string]] : []),
  ];
}

function asText(status: StoreStatus, nowMs: number): string {
  const { store, summary, growth, disk, otherDisks, forecast, lastBackup, away, health, alerts } = status;
  const spans = growth.of('', summary?.allocated ?? 0);
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
    ['disk', disk === undefined ? undefined : diskText(disk, store)],
    ...otherDisks.map((each) => ['', diskText(each, store)] as const),
    ['forecast', forecast === undefined ? undefined : forecastText(forecast)],
    ['last backup', backupText(lastBackup, away, nowMs)],
    ['changes', summary === undefined ? undefined : liveText(summary.live)],
    ...healthLines(health),
    ...alerts.map(
      ({ level, message }, index) =>
        [index === 0 ? 'alerts' : '', level === 'error' ? `! ${message}` : message] as const,
    ),
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
            ...known.map(({ key }) => growthText(growth.ofArea(area.path, summary?.areas ?? [])[key])),
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
    .description('one screen: usage, growth, disk, last backup, health, alerts')
    .addHelpText('after', examples('larder status', 'larder status project --json'))
    .action((name: string | undefined) =>
      run(async (context) => {
        const client = await context.client();
        const { signal } = context;
        const stores =
          name === undefined
            ? (await client.call('stores.list', {}, { signal })).stores
            : [await findStore(context, name)];
        const found: Looked[] = [];
        for (const store of stores) found.push(await lookAt(context, store));
        const { disks } = await client.call('usage.disks', {}, { signal });
        const { forecasts } = await client.call('usage.forecast', {}, { signal });
        const nowMs = context.terminal.now();
        const statuses = found.map(({ lastJob, ...looked }): StoreStatus => {
          const { store, summary, lastBackup, away } = looked;
          const [disk, ...otherDisks] = disksOf(store, disks);
          const forecast = forecasts.find((each) => each.mountPoint === disk?.mountPoint);
          const own = disk === undefined ? otherDisks : [disk, ...otherDisks];
          const alerts = alertsOf({ summary, disks: own, lastBackup, away, lastJob, nowMs });
          return { ...looked, disk, otherDisks, forecast, alerts };
        });
        const [only] = statuses;
        print(
          context,
          () => (statuses.length === 1 && only !== undefined ? asJson(only) : { stores: statuses.map(asJson) }),
          () =>
            statuses.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : statuses.map((status) => asText(status, nowMs)).join('\n'),
        );
        if (name !== undefined && only?.summary === undefined) return exitCodes.notFound;
        return statuses.some(({ summary }) => summary?.atLeast !== false) ? exitCodes.partly : exitCodes.done;
      }),
    );
}
