import type { Output, Role } from '../../../shared/contract/index.ts';
import { roleColor, roleNames, roleOrder } from '../../design/roles.ts';
import type { ChartSeries } from '../../design/index.ts';

type Sample = Output<'usage.history'>['samples'][number];

export const growthSpans = {
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '1y': 365 * 86_400_000,
} as const;
export type GrowthSpan = keyof typeof growthSpans;

export interface Growth {
  times: readonly number[];
  series: readonly ChartSeries[];
  from: number;
  to: number;
  ticks: readonly { atMs: number; label: string }[];
  /** Change of the total between the first and the last sample, in bytes. */
  change: number;
  /** The first sample is later than the span asked for. */
  shorterThanAsked: boolean;
}

/**
 * The growth chart of samples of one or several stores; undefined while there are not two moments to draw a line
 * between. A store's size holds until its next sample; before its first it counts as nothing.
 */
export function growth(samples: readonly Sample[], span: GrowthSpan, nowMs: number): Growth | undefined {
  const ordered = samples.toSorted((a, b) => a.atMs - b.atMs);
  const latest = new Map<string, Sample>();
  const moments: { atMs: number; byRole: Map<Role, number> }[] = [];
  for (const sample of ordered) {
    latest.set(sample.store, sample);
    const byRole = new Map<Role, number>();
    for (const each of latest.values()) addRoles(byRole, each);
    if (moments.at(-1)?.atMs === sample.atMs) moments.pop();
    moments.push({ atMs: sample.atMs, byRole });
  }
  const first = moments[0];
  const last = moments.at(-1);
  if (first === undefined || last === undefined || moments.length < 2) return undefined;

  const used = roleOrder.filter((role) => moments.some((moment) => (moment.byRole.get(role) ?? 0) > 0));
  const since = nowMs - growthSpans[span];
  const shorterThanAsked = first.atMs - since > growthSpans[span] * 0.1;
  const from = first.atMs;
  const to = Math.max(nowMs, last.atMs);
  return {
    times: [...moments.map((moment) => moment.atMs), ...(to > last.atMs ? [to] : [])],
    series: used.map((role) => {
      const values = moments.map((moment) => moment.byRole.get(role) ?? 0);
      return {
        id: role,
        label: roleNames[role],
        color: roleColor(role),
        // The last known size holds until now.
        values: to > last.atMs ? [...values, values.at(-1) ?? 0] : values,
      };
    }),
    from,
    to,
    ticks: timeTicks(from, to, 5),
    change: total(last.byRole) - total(first.byRole),
    shorterThanAsked,
  };
}

function addRoles(byRole: Map<Role, number>, sample: Sample): void {
  for (const role of roleOrder) byRole.set(role, (byRole.get(role) ?? 0) + (sample.byRole[role] ?? 0));
}

function total(byRole: ReadonlyMap<Role, number>): number {
  return [...byRole.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Up to `count` even moments from `from` to `to`, named by day, or by time of day when they lie within two days. */
export function timeTicks(from: number, to: number, count: number): { atMs: number; label: string }[] {
  const within = to - from;
  const options: Intl.DateTimeFormatOptions =
    within <= 86_400_000 * 2 ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' };
  const format = new Intl.DateTimeFormat('en-GB', options);
  const ticks = Array.from({ length: count }, (_, index) => {
    const atMs = from + (within * index) / (count - 1);
    return { atMs, label: format.format(atMs) };
  });
  // In a short history several fall into the same minute.
  return ticks.filter(({ label }, index) => label !== ticks[index - 1]?.label);
}

/** An even step for a value axis up to `max` bytes: 1, 2 or 5 times a power of two-to-the-ten's tens. */
export function byteStep(max: number, lines = 4): number {
  if (max <= 0) return 1;
  const unit = 1024 ** Math.floor(Math.log2(max) / 10);
  const rough = max / unit / lines;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? 10 * power;
  return step * unit;
}
