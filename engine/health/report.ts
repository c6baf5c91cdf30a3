import type {
  HealthCheck,
  HealthCounts,
  HealthMute,
  HealthReport,
  HealthSummary,
} from '../../shared/contract/index.ts';
import type { AnyCheck, Finding } from './check.ts';
import { allChecks } from './checks/index.ts';

/** A result with what only the engine needs of it. */
export interface Evaluated {
  readonly check: AnyCheck;
  readonly finding: Finding;
}

/** A result as the contract has it. */
export function told({ check, finding }: Evaluated): HealthCheck {
  const { id, group, title, why } = check;
  const { area, status, evidence, paths, mend, command } = finding;
  return {
    id,
    group,
    ...(area === undefined ? {} : { area }),
    status,
    title,
    evidence,
    ...(paths === undefined ? {} : { paths: { first: [...paths.first], more: paths.more } }),
    why,
    ...(mend === undefined || mend.changes.length === 0 ? {} : { fix: { title: mend.title, safe: true as const } }),
    ...(command === undefined ? {} : { command }),
  };
}

const worth = { pass: 1, warn: 0.5, fail: 0 } as const;
const weights = new Map(allChecks.map(({ id, weight }) => [id, weight]));

/**
 * The share of what passes, by weight: a check counts once, by the worst of its results, and a warning half. What is
 * muted or cannot be told does not count. 100 only when nothing warns or fails.
 */
export function scoreOf(checks: readonly Pick<HealthCheck, 'id' | 'status' | 'muted'>[]): number {
  const worst = new Map<string, number>();
  for (const { id, status, muted } of checks) {
    if (status === 'skip' || muted !== undefined) continue;
    worst.set(id, Math.min(worst.get(id) ?? 1, worth[status]));
  }
  let got = 0;
  let all = 0;
  for (const [id, value] of worst) {
    const weight = weights.get(id) ?? 1;
    got += weight * value;
    all += weight;
  }
  return all === 0 ? 100 : Math.floor((100 * got) / all);
}

export function countsOf(checks: readonly Pick<HealthCheck, 'status' | 'muted'>[]): HealthCounts {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0, muted: 0 };
  for (const { status, muted } of checks) counts[muted === undefined ? status : 'muted']++;
  return counts;
}

type Muted = HealthMute & { readonly check: string; readonly area: string };

/** A report with what is muted now, and figures to match. A mute without an area is of all of a check's results. */
export function withMutes(
  report: Pick<HealthReport, 'store' | 'atMs' | 'tookMs' | 'checks'>,
  mutes: readonly Muted[],
): HealthReport {
  const checks = report.checks.map((check): HealthCheck => {
    const { muted: _before, ...rest } = check;
    // What passes needs no muting; it counts again as soon as it does.
    if (rest.status === 'pass' || rest.status === 'skip') return rest;
    const found = mutes.find((mute) => mute.check === rest.id && (mute.area === '' || mute.area === rest.area));
    if (found === undefined) return rest;
    const { reason, sinceMs, untilMs } = found;
    return { ...rest, muted: { reason, sinceMs, ...(untilMs === undefined ? {} : { untilMs }) } };
  });
  const counts = countsOf(checks);
  return {
    store: report.store,
    atMs: report.atMs,
    tookMs: report.tookMs,
    ok: counts.fail === 0,
    score: scoreOf(checks),
    counts,
    checks,
  };
}

/** A whole report in which some checks were run again. */
export function merged(before: HealthReport, fresh: HealthReport): HealthReport {
  const again = new Set(fresh.checks.map(({ id }) => id));
  const checks = allChecks.flatMap(({ id }) =>
    (again.has(id) ? fresh : before).checks.filter((check) => check.id === id),
  );
  return { ...before, checks };
}

const listedFailing = 10;

export function summaryOf({ atMs, ok, score, counts, checks }: HealthReport): HealthSummary {
  const failing = checks
    .filter(({ status, muted }) => status === 'fail' && muted === undefined)
    .map(({ title }) => title);
  return { atMs, ok, score, counts, failing: [...new Set(failing)].slice(0, listedFailing) };
}
