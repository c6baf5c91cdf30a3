import type { Client } from '../shared/client/index.ts';
import { inferRole } from '../engine/layouts/index.ts';
import type { Output, Role, UsageSummary } from '../shared/contract/index.ts';
import { formatBytes, formatRelativeTime } from '../shared/format.ts';
import { isoTime } from './iso-time.ts';

const dayMs = 24 * 3_600_000;

/** The spans growth is told for. */
export const growthSpans = [
  { key: 'day', title: '24 H', ms: dayMs },
  { key: 'week', title: '7 D', ms: 7 * dayMs },
  { key: 'month', title: '30 D', ms: 30 * dayMs },
  { key: 'year', title: '1 Y', ms: 365 * dayMs },
] as const;
export type GrowthSpan = (typeof growthSpans)[number]['key'];

/** Blocks on disk, in bytes, gained over each span; null where the history does not reach back so far. */
export type Growth = Record<GrowthSpan, number | null>;

type Series = Output<'usage.series'>['series'];

/** Growth of what lies in a store. */
export interface StoreGrowth {
  /** Of an area or a followed directory; `''` is the store. */
  of(path: string, allocatedNow: number): Growth;
  /** Of one of the present areas, without what lies in areas within it. */
  ofArea(path: string, areas: Areas): Growth;
  /** Of all areas of a role together; loose files in the root are of role `other`. Roles that had or have something. */
  byRole(summary: Pick<UsageSummary, 'allocated' | 'areas'>): { role: Role; growth: Growth }[];
  /** When the history begins, where that is within a year. */
  readonly beganMs: number | undefined;
}

/** What is known of one span. */
interface Span {
  readonly key: GrowthSpan;
  /** Whether the history reaches back to its begin. */
  readonly covered: boolean;
  /** Blocks at its begin, by path. */
  readonly before: ReadonlyMap<string, number>;
}

function spanOf(key: GrowthSpan, series: Series, sinceMs: number): Span {
  const covered = (series.find(({ path }) => path === '')?.points[0]?.atMs ?? Infinity) <= sinceMs;
  const before = new Map<string, number>();
  for (const { path, points } of series) {
    const [first] = points;
    if (first === undefined) continue;
    if (first.atMs <= sinceMs) before.set(path, first.allocated);
    // A path that begins later begins with 0 if it was not there, and with its size if it was only not followed.
    else if (first.allocated === 0) before.set(path, 0);
  }
  return { key, covered, before };
}

/** Looks up how much a store and what is in it have grown. */
export async function growthOf(
  client: Client,
  store: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<StoreGrowth> {
  let beganMs: number | undefined;
  const spans = await Promise.all(
    growthSpans.map(async ({ key, ms }) => {
      const sinceMs = Math.floor(nowMs - ms);
      const { series } = await client.call('usage.series', { store, sinceMs }, { signal });
      const first = series.find(({ path }) => path === '')?.points[0]?.atMs;
      if (key === 'year' && first !== undefined && first > sinceMs) beganMs = first;
      return spanOf(key, series, sinceMs);
    }),
  );
  // Asked for once an area, of which there may be thousands.
  const nestings = new WeakMap<Areas, Nesting>();
  const nestingOf = (areas: Areas): Nesting => {
    const nesting = nestings.get(areas) ?? findNesting(areas);
    nestings.set(areas, nesting);
    return nesting;
  };
  const growth = (change: (span: Span) => number | undefined): Growth => {
    const all: Growth = { day: null, week: null, month: null, year: null };
    for (const span of spans) if (span.covered) all[span.key] = change(span) ?? null;
    return all;
  };
  return {
    beganMs,
    of: (path, allocatedNow) =>
      growth(({ before }) => {
        const then = before.get(path);
        return then === undefined ? undefined : allocatedNow - then;
      }),
    ofArea: (path, areas) =>
      growth(({ before }) => {
        const { whole, inside: within } = nestingOf(areas);
        const [own, ...inside] = [path, ...(within.get(path) ?? [])].map((part) => {
          const then = before.get(part);
          return then === undefined ? undefined : (whole.get(part) ?? 0) - then;
        });
        return inside.reduce((rest, part) => (rest === undefined || part === undefined ? undefined : rest - part), own);
      }),
    byRole({ allocated, areas }) {
      // Areas that are gone are told by their name, as the engine tells those nobody named.
      const gone = spans.flatMap(({ before }) => [...before.keys()].filter((path) => !/^$|\//.test(path)));
      const roleOf = new Map([
        ...gone.map((path): [string, Role] => [path, inferRole(path)]),
        ...areas.map(({ path, role }): [string, Role] => [path, role]),
      ]);
      const roles = new Set<Role>([...roleOf.values(), 'other']);
      return [...roles].map((role) => ({
        role,
        growth: growth(({ before }) => {
          // One that was part of another then, by another layout, is part of it now, too.
          const alike = [...roleOf.keys()].filter((path) => before.has(path) || !path.includes('/'));
          const known = new Set(alike);
          const changeOf = (path: string): number => (nestingOf(areas).whole.get(path) ?? 0) - (before.get(path) ?? 0);
          const sum = alike.reduce((total, path) => {
            const above = nearest(path, known);
            const inOwn = roleOf.get(path) === role ? changeOf(path) : 0;
            const inOther = above !== undefined && roleOf.get(above) === role ? changeOf(path) : 0;
            return total + inOwn - inOther;
          }, 0);
          if (role !== 'other') return sum;
          const tops = alike.filter((path) => nearest(path, known) === undefined);
          const whole = allocated - (before.get('') ?? 0);
          return sum + whole - tops.reduce((total, path) => total + changeOf(path), 0);
        }),
      }));
    },
  };
}

type Areas = readonly Pick<UsageSummary['areas'][number], 'path' | 'allocated'>[];

/** The nearest of some folders that a path lies in. */
function nearest(path: string, folders: ReadonlySet<string>): string | undefined {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    if (folders.has(folder)) return folder;
  }
  return undefined;
}

/** How areas lie in each other, and the blocks of each with those in it. */
interface Nesting {
  readonly whole: ReadonlyMap<string, number>;
  /** Areas directly in an area. */
  readonly inside: ReadonlyMap<string, readonly string[]>;
}

function findNesting(areas: Areas): Nesting {
  const paths = new Set(areas.map(({ path }) => path));
  const whole = new Map<string, number>();
  const inside = new Map<string, string[]>();
  for (const { path, allocated } of areas) {
    for (let at: string | undefined = path; at !== undefined; at = nearest(at, paths)) {
      whole.set(at, (whole.get(at) ?? 0) + allocated);
    }
    const above = nearest(path, paths);
    if (above !== undefined) inside.set(above, [...(inside.get(above) ?? []), path]);
  }
  return { whole, inside };
}

/** "+1.2 GiB", "-3.0 KiB", "0", or "–" where it is not known. */
export function growthText(bytes: number | null): string {
  if (bytes === null) return '–';
  if (bytes === 0) return '0';
  return `${bytes > 0 ? '+' : '-'}${formatBytes(Math.abs(bytes))}`;
}

/** Why some growth is not known; undefined where all is. */
export function growthReason({ beganMs, of }: StoreGrowth, nowMs: number): string | undefined {
  const known = of('', 0);
  const missing = growthSpans.filter(({ key }) => known[key] === null);
  if (missing.length === 0) return undefined;
  if (beganMs === undefined) return 'there is no history yet';
  return `the history began ${formatRelativeTime(beganMs, nowMs)}`;
}

/** Growth as `--json` has it: of the whole store, and by role. */
export function growthJson(growth: StoreGrowth, summary: Pick<UsageSummary, 'allocated' | 'areas'>): unknown {
  return {
    ...growth.of('', summary.allocated),
    byRole: Object.fromEntries(growth.byRole(summary).map((each) => [each.role, each.growth])),
    historySince: isoTime(growth.beganMs),
  };
}
