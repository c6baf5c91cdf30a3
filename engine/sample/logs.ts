import type { Random } from './random.ts';
import { symbols } from './prices.ts';
import { dayMs, isoDay, startOfDay } from './days.ts';
import type { SampleFile } from './tree.ts';

type Line = (random: Random, symbol: string) => string;

interface LogKind {
  readonly name: string;
  /** Lines on an ordinary day. */
  readonly lines: number;
  readonly messages: readonly [Line, ...Line[]];
}

const milliseconds = (random: Random, from: number, to: number): string => `${Math.round(random.between(from, to))}ms`;
const horizons = ['1d', '5d', '20d'] as const;

const kinds: readonly LogKind[] = [
  {
    name: 'application',
    lines: 190,
    messages: [
      (random, symbol) => `INFO  [scheduler] price update for ${symbol} done in ${milliseconds(random, 80, 900)}`,
      (random) => `INFO  [cache] ${random.int(40)} entries expired, ${120 + random.int(300)} kept`,
      (random, symbol) => `DEBUG [features] ${symbol}: 12 features over ${1800 + random.int(200)} days`,
      (random) => `INFO  [health] memory ${1200 + random.int(900)} MiB, queue ${random.int(12)}, workers 4/4`,
      (random, symbol) => `WARN  [market_data] ${symbol}: provider answered after ${milliseconds(random, 2500, 9000)}`,
      (random) => `INFO  [news] ${random.int(30)} articles fetched, ${random.int(12)} new, embedded`,
    ],
  },
  {
    name: 'prediction',
    lines: 160,
    messages: [
      (random, symbol) =>
        `INFO  [predictor] ${symbol} horizon=${random.pick(horizons)} return=${(random.gaussian() * 0.02).toFixed(4)} ` +
        `confidence=${random.between(0.51, 0.93).toFixed(2)} took=${milliseconds(random, 18, 95)}`,
      (random, symbol) => `INFO  [predictor] ${symbol} served from cache, age ${random.int(3600)}s`,
      (random, symbol) => `DEBUG [ensemble] ${symbol} weights lstm=${random.between(0.3, 0.6).toFixed(3)}`,
      (random, symbol) =>
        `WARN  [drift] ${symbol}: feature ${random.int(12)} is ${random.between(3, 5).toFixed(1)} sigma off`,
    ],
  },
  {
    name: 'api',
    lines: 260,
    messages: [
      (random, symbol) =>
        `INFO  GET /api/v1/predictions/${symbol} 200 ${milliseconds(random, 4, 120)} ${600 + random.int(900)}B`,
      (random, symbol) =>
        `INFO  GET /api/v1/stocks/${symbol}/history?days=365 200 ${milliseconds(random, 9, 160)} 24118B`,
      (random) => `INFO  GET /api/v1/storage/status 200 ${milliseconds(random, 2, 30)} 812B`,
      (random, symbol) => `INFO  POST /api/v1/analysis/${symbol} 202 ${milliseconds(random, 12, 90)} 64B`,
      (random) => `WARN  GET /api/v1/predictions/UNKNOWN 404 ${milliseconds(random, 1, 9)} 58B`,
    ],
  },
  {
    name: 'error',
    lines: 9,
    messages: [
      (random, symbol) => `ERROR [market_data] ${symbol}: connection reset by peer, retry ${1 + random.int(3)} of 3`,
      (random, symbol) => `ERROR [predictor] ${symbol}: timed out after 30000ms (request ${random.hex(8)})`,
      (random) => `ERROR [news] feed returned 503, next attempt in ${60 * (1 + random.int(10))}s`,
    ],
  },
];

function linesOfDay(kind: LogKind, random: Random, fromMs: number, toMs: number): string {
  const share = (toMs - fromMs) / dayMs;
  const count = Math.max(1, Math.round(kind.lines * share * random.between(0.7, 1.3)));
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const timeMs = fromMs + ((index + random.next()) / count) * (toMs - fromMs);
    const stamp = new Date(timeMs).toISOString().replace('T', ' ').replace('.', ',').slice(0, 23);
    const { symbol } = random.pick(symbols as [(typeof symbols)[number], ...typeof symbols]);
    text += `${stamp} ${random.pick(kind.messages)(random, symbol)}\n`;
  }
  return text;
}

/** Days of logs that lie there; the oldest are past the 30 days after which they may be cleaned. */
export const logDays = 38;

/** Today's logs up to now, and one rotated file a day before it, last written just before midnight. */
export function logFiles(nowMs: number): SampleFile[] {
  const today = startOfDay(nowMs);
  const files: SampleFile[] = [];
  for (const kind of kinds) {
    for (let age = 0; age < logDays; age += 1) {
      const from = today - age * dayMs;
      const to = age === 0 ? Math.max(nowMs, from + 1) : from + dayMs - 1000;
      files.push({
        kind: 'file',
        path: age === 0 ? `logs/${kind.name}.log` : `logs/${kind.name}.log.${isoDay(from)}`,
        mtimeMs: Math.min(to, nowMs),
        content: (random) => linesOfDay(kind, random, from, to),
      });
    }
  }
  return files;
}

/** What Prometheus and Grafana wrote when they were last started. */
export function serviceLogs(startedMs: number): SampleFile[] {
  const time = new Date(startedMs).toISOString();
  return [
    {
      kind: 'file',
      path: 'logs/prometheus/prometheus.log',
      mtimeMs: startedMs,
      content: () =>
        [
          `time=${time} level=INFO source=main.go:642 msg="No time or size retention was set so using the default"`,
          `time=${time} level=INFO source=head.go:682 msg="Replaying on-disk memory mappable chunks if any"`,
          `time=${time} level=INFO source=head.go:752 msg="Replaying WAL, this may take a while"`,
          `time=${time} level=INFO source=main.go:1335 msg="Server is ready to receive web requests."`,
          '',
        ].join('\n'),
    },
    {
      kind: 'file',
      path: 'logs/grafana/grafana.log',
      mtimeMs: startedMs,
      content: () =>
        [
          `logger=settings t=${time} level=info msg="Starting Grafana"`,
          `logger=sqlstore t=${time} level=info msg="Connecting to DB" dbtype=sqlite3`,
          `logger=migrator t=${time} level=info msg="migrations completed" performed=0`,
          `logger=http.server t=${time} level=info msg="HTTP Server Listen" address=[::]:3000 protocol=http`,
          '',
        ].join('\n'),
    },
  ];
}
