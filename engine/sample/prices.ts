import type { Random } from './random.ts';
import {
  dayMs,
  isoDay,
  isoSecond,
  isTradingDay,
  marketCloseMs,
  marketMinutes,
  marketOpenMs,
  startOfDay,
} from './days.ts';

export interface SymbolProfile {
  readonly symbol: string;
  /** Dollars on the first day. */
  readonly start: number;
  /** Dollars at the last close. */
  readonly price: number;
  /** Yearly deviation of the logarithm. */
  readonly volatility: number;
  /** Shares on an ordinary day. */
  readonly volume: number;
}

export const symbols: readonly SymbolProfile[] = [
  { symbol: 'NVDA', start: 3.4, price: 183.4, volatility: 0.46, volume: 410_000_000 },
  { symbol: 'TSLA', start: 20.7, price: 402.1, volatility: 0.58, volume: 118_000_000 },
  { symbol: 'AAPL', start: 38.7, price: 268.6, volatility: 0.29, volume: 92_000_000 },
  { symbol: 'MSFT', start: 101.1, price: 487.2, volatility: 0.26, volume: 27_000_000 },
  { symbol: 'GOOGL', start: 52.7, price: 292.8, volatility: 0.29, volume: 31_000_000 },
  { symbol: 'AMZN', start: 76.9, price: 228.5, volatility: 0.33, volume: 62_000_000 },
  { symbol: 'META', start: 135.7, price: 601.3, volatility: 0.39, volume: 21_000_000 },
  { symbol: 'AMD', start: 18.8, price: 221.9, volatility: 0.51, volume: 68_000_000 },
  { symbol: 'AVGO', start: 24.6, price: 352.7, volatility: 0.35, volume: 23_000_000 },
  { symbol: 'NFLX', start: 267.7, price: 1093.5, volatility: 0.41, volume: 6_500_000 },
  { symbol: 'INTC', start: 47.1, price: 34.8, volatility: 0.37, volume: 38_000_000 },
  { symbol: 'SPY', start: 250.2, price: 668.2, volatility: 0.19, volume: 84_000_000 },
];

/** Trading of one day or minute: prices in dollars, to the cent. */
export interface Bar {
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const tradingDaysAYear = 252;
const cents = (value: number): number => Math.max(0.01, Math.round(value * 100) / 100);

/**
 * Daily bars from the day of `fromMs` to the last day that closed by `nowMs`: a geometric random walk, bent so that it
 * leads from the profile's first price to its last.
 */
export function dailyBars(profile: SymbolProfile, random: Random, fromMs: number, nowMs: number): Bar[] {
  const walked: Bar[] = [];
  const step = profile.volatility / Math.sqrt(tradingDaysAYear);
  let close = profile.start;
  for (let day = startOfDay(fromMs); day + marketCloseMs <= nowMs; day += dayMs) {
    if (!isTradingDay(day)) continue;
    const open = close * Math.exp(step * 0.3 * random.gaussian());
    close = open * Math.exp(step * random.gaussian());
    const high = Math.max(open, close) * Math.exp(Math.abs(step * 0.5 * random.gaussian()));
    const low = Math.min(open, close) * Math.exp(-Math.abs(step * 0.5 * random.gaussian()));
    const busy = Math.exp(0.3 * random.gaussian() + 4 * Math.abs(Math.log(close / open)));
    walked.push({ startMs: day, open, high, low, close, volume: Math.round(profile.volume * busy) });
  }
  const missed = Math.log(profile.price / close);
  return walked.map((bar, index) => {
    const bend = Math.exp((missed * (index + 1)) / walked.length);
    const { startMs, volume } = bar;
    return {
      startMs,
      open: cents(bar.open * bend),
      high: cents(bar.high * bend),
      low: cents(bar.low * bend),
      close: cents(bar.close * bend),
      volume,
    };
  });
}

/** A day's bar in minutes: a walk from its open to its close that stays between its low and high. */
export function minuteBars(day: Bar, random: Random): Bar[] {
  const bars: Bar[] = [];
  const range = Math.max(0.02, day.high - day.low);
  let last = day.open;
  for (let minute = 0; minute < marketMinutes; minute += 1) {
    const pull = (day.close - last) / (marketMinutes - minute);
    const walked = minute === marketMinutes - 1 ? day.close : last + pull + range * 0.02 * random.gaussian();
    const close = cents(Math.min(day.high, Math.max(day.low, walked)));
    const high = cents(Math.min(day.high, Math.max(last, close) + range * 0.005 * random.next()));
    const low = cents(Math.max(day.low, Math.min(last, close) - range * 0.005 * random.next()));
    const volume = Math.round((day.volume / marketMinutes) * random.between(0.4, 1.6));
    bars.push({ startMs: day.startMs + marketOpenMs + minute * 60_000, open: last, high, low, close, volume });
    last = close;
  }
  return bars;
}

function csv(first: string, bars: readonly Bar[], time: (timeMs: number) => string): string {
  const rows = bars.map(
    ({ startMs, open, high, low, close, volume }) =>
      `${time(startMs)},${open.toFixed(2)},${high.toFixed(2)},${low.toFixed(2)},${close.toFixed(2)},${volume}\n`,
  );
  return `${first},Open,High,Low,Close,Volume\n${rows.join('')}`;
}

export const dailyCsv = (bars: readonly Bar[]): string => csv('Date', bars, isoDay);
export const minuteCsv = (bars: readonly Bar[]): string => csv('Datetime', bars, isoSecond);

export const featureNames = [
  'return_1d',
  'return_5d',
  'return_20d',
  'volatility_20d',
  'range_1d',
  'gap_1d',
  'sma_ratio_10d',
  'sma_ratio_50d',
  'volume_ratio_20d',
  'rsi_14d',
  'momentum_60d',
  'drawdown_120d',
] as const;

/** A row of {@link featureNames} for each bar; windows that reach before the first bar are cut short. */
export function features(bars: readonly Bar[]): Float32Array {
  const width = featureNames.length;
  const values = new Float32Array(bars.length * width);
  const closeAt = (index: number): number => bars[Math.max(0, index)]?.close ?? 1;
  bars.forEach((bar, index) => {
    const window = (days: number): readonly Bar[] => bars.slice(Math.max(0, index - days + 1), index + 1);
    const mean = (list: readonly Bar[], of: (item: Bar) => number): number =>
      list.reduce((sum, item) => sum + of(item), 0) / list.length;
    const change = (days: number): number => Math.log(bar.close / closeAt(index - days));
    const month = window(20);
    const average = mean(month, (item) => item.close);
    const gains = window(14).map((item) => item.close - item.open);
    const up = gains.reduce((sum, gain) => sum + Math.max(0, gain), 0);
    const moved = gains.reduce((sum, gain) => sum + Math.abs(gain), 0);
    values.set(
      [
        change(1),
        change(5),
        change(20),
        Math.sqrt(mean(month, (item) => (item.close / average - 1) ** 2)),
        (bar.high - bar.low) / bar.close,
        Math.log(bar.open / closeAt(index - 1)),
        bar.close / mean(window(10), (item) => item.close),
        bar.close / mean(window(50), (item) => item.close),
        bar.volume / mean(month, (item) => item.volume),
        moved === 0 ? 0.5 : up / moved,
        change(60),
        bar.close / Math.max(...window(120).map((item) => item.high)) - 1,
      ],
      index * width,
    );
  });
  return values;
}
