import { json } from './config.ts';
import { dayMs, hourMs, isoDay, isoSecond, marketCloseMs, startOfDay } from './days.ts';
import { encodeNpy } from './npy.ts';
import { encodePickle, float } from './pickle.ts';
import { dailyBars, dailyCsv, featureNames, features, minuteBars, minuteCsv, symbols } from './prices.ts';
import type { Bar } from './prices.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { SampleFile } from './tree.ts';

const historyYears = 8;
/** Symbols followed by the minute, and for how many trading days. */
const intraday = ['NVDA', 'TSLA', 'AAPL'];
const minuteDays = 42;
const minutesAFile = 21;

interface History {
  readonly symbol: string;
  readonly bars: readonly Bar[];
  readonly last: Bar;
  /** Of all bars. Computed when first asked for: three files are made from it. */
  features(): Float32Array;
}

function historyFiles(history: History, seed: number, nowMs: number): SampleFile[] {
  const { symbol, bars, last } = history;
  const folder = `stock_data/historical/${symbol}`;
  const updatedMs = Math.min(nowMs, last.startMs + marketCloseMs + 70 * 60_000);
  const lastYear = isoDay(last.startMs).slice(0, 4);
  const byYear = Map.groupBy(bars, (bar) => isoDay(bar.startMs).slice(0, 4));
  const files: SampleFile[] = [...byYear].map(([year, list]) => ({
    kind: 'file',
    path: `${folder}/${symbol}_${year}.csv`,
    // Earlier years came with the first download.
    mtimeMs: year === lastYear ? updatedMs : nowMs - 63 * dayMs,
    content: () => dailyCsv(list),
  }));
  files.push({
    kind: 'file',
    path: `${folder}/${symbol}_features.npy`,
    mtimeMs: updatedMs,
    content: () => encodeNpy(history.features(), [bars.length, featureNames.length]),
  });
  if (!intraday.includes(symbol)) return files;
  const recent = bars.slice(-minuteDays);
  for (let start = 0; start < recent.length; start += minutesAFile) {
    const days = recent.slice(start, start + minutesAFile);
    const [first] = days;
    const end = days.at(-1);
    if (first === undefined || end === undefined) continue;
    files.push({
      kind: 'file',
      path: `${folder}/minute/${symbol}_1m_${isoDay(first.startMs)}.csv`,
      mtimeMs: Math.min(nowMs, end.startMs + marketCloseMs + 90 * 60_000),
      content: () => minuteCsv(days.flatMap((day) => minuteBars(day, minuteRandom(seed, symbol, day)))),
    });
  }
  return files;
}

/** The same day has the same minutes in the history and in the cache. */
function minuteRandom(seed: number, symbol: string, day: Bar): Random {
  return createRandom(seed, `minutes/${symbol}/${day.startMs}`);
}

function scalerFiles(history: History, nowMs: number): SampleFile[] {
  const { symbol, bars } = history;
  const mtimeMs = nowMs - 19 * dayMs;
  const figures = (): { mean: number[]; scale: number[] } => {
    const values = history.features();
    const width = featureNames.length;
    const mean: number[] = [];
    const scale: number[] = [];
    for (let column = 0; column < width; column += 1) {
      const list = bars.map((_, row) => values[row * width + column] ?? 0);
      const average = list.reduce((sum, value) => sum + value, 0) / list.length;
      mean.push(average);
      scale.push(Math.sqrt(list.reduce((sum, value) => sum + (value - average) ** 2, 0) / list.length));
    }
    return { mean, scale };
  };
  const path = `scalers/feature_scalers/${symbol}_features`;
  return [
    {
      kind: 'file',
      path: `${path}.pkl`,
      mtimeMs,
      content: () => {
        const { mean, scale } = figures();
        return encodePickle(
          new Map<string, Parameters<typeof encodePickle>[0]>([
            ['type', 'StandardScaler'],
            ['feature_names', featureNames],
            ['mean', mean.map(float)],
            ['scale', scale.map(float)],
            ['n_samples_seen', bars.length],
          ]),
        );
      },
    },
    {
      kind: 'file',
      path: `${path}.json`,
      mtimeMs,
      content: () =>
        json({ type: 'StandardScaler', feature_names: featureNames, ...figures(), n_samples_seen: bars.length }),
    },
  ];
}

const horizons = [1, 5, 20] as const;

function prediction(random: Random, { symbol, last }: History, days: number): Record<string, unknown> {
  const change = 0.0006 * days + 0.012 * Math.sqrt(days) * random.gaussian();
  return {
    symbol,
    horizon_days: days,
    last_close: last.close,
    predicted_close: Number((last.close * Math.exp(change)).toFixed(2)),
    predicted_return: Number(change.toFixed(5)),
    confidence: Number(random.between(0.51, 0.93).toFixed(3)),
    models: { lstm: 0.55, transformer: 0.3, news: 0.15 },
  };
}

function cacheFiles(history: History, order: number, seed: number, nowMs: number): SampleFile[] {
  const { symbol, bars } = history;
  // Every fourth symbol was not asked for since the day before yesterday: past the 24 h after which a cache may go.
  const ageMs = order % 4 === 3 ? (30 + order) * hourMs : (0.3 + order * 0.7) * hourMs;
  const file = (path: string, content: SampleFile['content'], extraMs = 0): SampleFile => ({
    kind: 'file',
    path,
    mtimeMs: nowMs - ageMs - extraMs,
    content,
  });
  const files = horizons.map((days) =>
    file(`ml_cache/predictions_cache/${symbol}_${days}d.json`, (random) =>
      json({ cached_at: isoSecond(nowMs - ageMs), ttl_seconds: 3600, ...prediction(random, history, days) }),
    ),
  );
  files.push(
    file(`ml_cache/model_cache/${symbol}_window.npy`, () => {
      const rows = bars.slice(-60);
      return encodeNpy(features(rows), [rows.length, featureNames.length]);
    }),
    file(`stock_data/cache/daily_cache/${symbol}.json`, () =>
      json({ symbol, fetched_at: isoSecond(nowMs - ageMs), interval: '1d', bars: bars.slice(-120).map(barJson) }),
    ),
  );
  for (const day of bars.slice(-2)) {
    files.push(
      file(
        `stock_data/cache/intraday_cache/${symbol}_${isoDay(day.startMs)}.json`,
        () =>
          `${JSON.stringify({
            symbol,
            interval: '1m',
            bars: minuteBars(day, minuteRandom(seed, symbol, day)).map(barJson),
          })}\n`,
        day === history.last ? 0 : dayMs,
      ),
    );
  }
  return files;
}

function barJson({ startMs, open, high, low, close, volume }: Bar): Record<string, unknown> {
  return { t: isoSecond(startMs), o: open, h: high, l: low, c: close, v: volume };
}

/** The last two weeks of daily predictions; the older half is past the 7 days after which they may be cleaned. */
function predictionFiles(histories: readonly History[], nowMs: number): SampleFile[] {
  const files: SampleFile[] = [];
  for (let age = 0; age < 14; age += 1) {
    const madeMs = startOfDay(nowMs) - age * dayMs + 6 * hourMs;
    if (madeMs > nowMs) continue;
    files.push({
      kind: 'file',
      path: `stock_data/predictions/daily/predictions_${isoDay(madeMs)}.json`,
      mtimeMs: madeMs,
      content: (random) =>
        json({
          made_at: isoSecond(madeMs),
          predictions: histories.flatMap((history) => horizons.map((days) => prediction(random, history, days))),
        }),
    });
  }
  histories.forEach((history, order) => {
    const madeMs = nowMs - (order * 19 + 2) * hourMs;
    files.push({
      kind: 'file',
      path: `stock_data/predictions/analysis/${history.symbol}_analysis.json`,
      mtimeMs: madeMs,
      content: (random) =>
        json({
          symbol: history.symbol,
          made_at: isoSecond(madeMs),
          trend: random.pick(['rising', 'falling', 'sideways']),
          support: Number((history.last.close * random.between(0.88, 0.97)).toFixed(2)),
          resistance: Number((history.last.close * random.between(1.03, 1.12)).toFixed(2)),
          news: { articles: 20 + random.int(80), sentiment: Number((random.gaussian() * 0.3).toFixed(3)) },
        }),
    });
  });
  return files;
}

/** Histories, scalers, caches and predictions of every symbol. */
export function dataFiles(seed: number, nowMs: number): SampleFile[] {
  const firstYear = new Date(nowMs).getUTCFullYear() - historyYears + 1;
  const fromMs = Date.UTC(firstYear, 0, 1);
  const histories = symbols.map((profile): History => {
    const bars = dailyBars(profile, createRandom(seed, `prices/${profile.symbol}`), fromMs, nowMs);
    const last = bars.at(-1);
    if (last === undefined) throw new RangeError('no trading day lies between the first year and now');
    let computed: Float32Array | undefined;
    return { symbol: profile.symbol, bars, last, features: () => (computed ??= features(bars)) };
  });
  return [
    ...histories.flatMap((history) => historyFiles(history, seed, nowMs)),
    ...histories.flatMap((history) => scalerFiles(history, nowMs)),
    ...histories.flatMap((history, order) => cacheFiles(history, order, seed, nowMs)),
    ...predictionFiles(histories, nowMs),
  ];
}
