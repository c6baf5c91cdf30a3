import type { Forecast } from '../../shared/contract/index.ts';
import type { DiskFill } from './disk-history.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** History that is needed before anything is said. */
const leastDays = 3;
/** What lies further back says little about the days to come. */
export const forecastWindowMs = 90 * dayMs;
/** A day so far away is as good as never. */
const horizonDays = 10 * 365;
/** A movement this many times larger than usual is a jump. */
const jumpFactor = 10;
/** Jumps that come back this often are a habit and stay in. */
const habit = 3;
const replicates = 200;

export type DiskForecast = Omit<Forecast, 'mountPoint'>;

/**
 * When a disk will be full, from how full it was.
 *
 * The history is read off at even steps. Movements far outside the usual ones are taken out unless they return (a dataset
 * copied once is no trend, a checkpoint every week is one). The pace is the median slope between all pairs of the
 * remaining points (Theil–Sen: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968). The
 * range comes from a moving-block bootstrap (H. R. Künsch, 1989): histories drawn anew from pieces of the known one, each
 * carried on until the disk is full; the middle four fifths are told. Same input, same answer.
 *
 * `points` in the order of time, `free` in bytes at `nowMs`.
 */
export function forecastFull(points: readonly DiskFill[], free: number, nowMs: number): DiskForecast {
  const [first] = points;
  const spanMs = first === undefined ? 0 : nowMs - first.atMs;
  const days = Math.floor(spanMs / dayMs);
  if (first === undefined || spanMs < leastDays * dayMs) {
    return { state: 'unknown', reason: `${inDays(days)} of history; ${leastDays} are needed.` };
  }
  const stepDays = spanMs >= 8 * dayMs ? 1 : 0.25;
  const used = atEvenSteps(points, nowMs, stepDays * dayMs);
  const moves = withoutJumps(differences(used));
  const perStep = medianSlope(moves);
  const bytesPerDay = perStep / stepDays;
  const reason = `${inDays(days)} of history.`;
  if (bytesPerDay <= 0 || free / bytesPerDay > horizonDays) {
    return { state: 'steady', reason, bytesPerDay };
  }
  const steps = free / perStep;
  const ends = bootstrapEnds(moves, free, horizonDays / stepDays);
  // Drawn anew, a short history looks more even than it is: measured, this holds the true day four times out of five.
  const tail = 0.1 * (1 - Math.min(0.8, 7 / moves.length));
  const earliest = Math.min(quantile(ends, tail), steps);
  const latest = Math.max(quantile(ends, 1 - tail), steps);
  const at = (step: number): number => Math.round(nowMs + step * stepDays * dayMs);
  return {
    state: 'growing',
    reason,
    bytesPerDay,
    fullAtMs: at(steps),
    earliestMs: at(earliest),
    ...(Number.isFinite(latest) ? { latestMs: at(latest) } : {}),
  };
}

function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}

/** Figures at even steps up to now; each sample holds until the next. */
function atEvenSteps(points: readonly DiskFill[], nowMs: number, stepMs: number): number[] {
  const firstMs = points[0]?.atMs ?? nowMs;
  const count = Math.floor((nowMs - firstMs) / stepMs);
  const values: number[] = [];
  let next = 0;
  let value = points[0]?.used ?? 0;
  for (let step = count; step >= 0; step--) {
    const atMs = nowMs - step * stepMs;
    for (let point = points[next]; point !== undefined && point.atMs <= atMs; point = points[++next])
      value = point.used;
    values.push(value);
  }
  return values;
}

function differences(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => value - (values[index] ?? 0));
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** Of ascending values; between two of them by their distance. */
function quantile(ascending: readonly number[], part: number): number {
  const place = (ascending.length - 1) * part;
  const [low, high] = [ascending[Math.floor(place)] ?? 0, ascending[Math.ceil(place)] ?? 0];
  const over = place - Math.floor(place);
  // Infinity less Infinity, and nothing times Infinity, are no numbers.
  return over === 0 || low === high ? low : low + (high - low) * over;
}

/** Movements with single jumps replaced by the usual movement. Jumps in neighbouring steps are one. */
export function withoutJumps(moves: readonly number[]): number[] {
  const usual = median(moves);
  const spread = 1.4826 * median(moves.map((move) => Math.abs(move - usual)));
  const side = (move: number): number => (Math.abs(move - usual) > jumpFactor * spread ? Math.sign(move - usual) : 0);
  const runs = { up: 0, down: 0 };
  for (const [index, move] of moves.entries()) {
    const own = side(move);
    if (own === 0 || (index > 0 && side(moves[index - 1] ?? 0) === own)) continue;
    if (own > 0) runs.up++;
    else runs.down++;
  }
  return moves.map((move) => {
    const own = side(move);
    const single = (own > 0 && runs.up < habit) || (own < 0 && runs.down < habit);
    return single ? usual : move;
  });
}

/** Theil–Sen slope, a step, of the curve these movements draw. */
export function medianSlope(moves: readonly number[]): number {
  const curve = [0];
  for (const move of moves) curve.push((curve.at(-1) ?? 0) + move);
  const slopes: number[] = [];
  for (let to = 1; to < curve.length; to++) {
    for (let from = 0; from < to; from++) slopes.push(((curve[to] ?? 0) - (curve[from] ?? 0)) / (to - from));
  }
  return median(slopes);
}

/** Steps until the disk is full in histories drawn anew, ascending; Infinity beyond the horizon. */
function bootstrapEnds(moves: readonly number[], free: number, horizon: number): number[] {
  const random = seeded(moves.length);
  const block = Math.min(7, Math.max(1, Math.floor(moves.length / 3)));
  const drawn = (count: number): number[] => {
    const values: number[] = [];
    while (values.length < count) {
      const start = Math.floor(random() * (moves.length - block + 1));
      for (let index = start; index < start + block && values.length < count; index++) values.push(moves[index] ?? 0);
    }
    return values;
  };
  const ends: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const pool = drawn(moves.length);
    const pace = pool.reduce((sum, move) => sum + move, 0) / pool.length;
    ends.push(pace <= 0 || free / pace > horizon ? Infinity : stepsUntil(pool, free, pace, random));
  }
  return ends.sort((a, b) => a - b);
}

/** Carries one drawn history on in its own movements; the far part, where they even out, at its pace. */
function stepsUntil(pool: readonly number[], free: number, pace: number, random: () => number): number {
  const near = Math.min(400, Math.ceil((free / pace) * 2));
  let left = free;
  for (let step = 1; step <= near; step++) {
    const move = pool[Math.floor(random() * pool.length)] ?? 0;
    if (move >= left && move > 0) return step - 1 + Math.max(0, left) / move;
    left -= move;
  }
  return near + left / pace;
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32), so that the same history has the same forecast. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
