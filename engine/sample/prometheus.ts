import { dayMs, hourMs } from './days.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { SampleFile } from './tree.ts';
import { encodeBlock } from './tsdb-block.ts';
import { encodeSegment, samplesRecord, seriesRecord } from './write-ahead-log.ts';
import type { Series } from './write-ahead-log.ts';

/** A Prometheus database: blocks of the last days, and what is newer in the write-ahead log. */

const scrapeMs = 60_000;
/** Blocks are merged into larger ones as they age; each begins at a multiple of its length. */
const blockHours = [18, 6, 2] as const;
const days = 9;

const metrics = [
  { name: 'persistent_storage_size_bytes', start: 59_000_000, step: (value: number) => value },
  { name: 'persistent_storage_files_total', start: 490, step: (value: number) => value },
  { name: 'prediction_requests_total', start: 12_000, step: (value: number, random: Random) => value + random.int(40) },
  {
    name: 'prediction_latency_seconds',
    start: 0.045,
    step: (value: number, random: Random) => Math.round((value * 0.9 + random.between(0.001, 0.009)) * 1e4) / 1e4,
  },
  {
    name: 'process_resident_memory_bytes',
    start: 1_450_000_000,
    step: (value: number, random: Random) => value + 4096 * (random.int(2001) - 1000),
  },
] as const;

const series = metrics.map(({ name }, index): Series => ({
  ref: index + 1,
  labels: { __name__: name, instance: 'backend:8000', job: 'stock-prediction' },
}));

interface Scrape {
  readonly timeMs: number;
  /** In the order of {@link metrics}. */
  readonly values: readonly number[];
}

function scrapes(random: Random, fromMs: number, toMs: number): Scrape[] {
  const values: number[] = metrics.map(({ start }) => start);
  const list: Scrape[] = [];
  for (let timeMs = fromMs; timeMs <= toMs; timeMs += scrapeMs) {
    metrics.forEach(({ step }, index) => (values[index] = step(values[index] ?? 0, random)));
    list.push({ timeMs, values: [...values] });
  }
  return list;
}

/** Spans of blocks that follow one another up to the last whole two hours; the open end is left to the log. */
export function blockSpans(nowMs: number): { fromMs: number; toMs: number; level: number }[] {
  const longest = blockHours[0] * hourMs;
  const spans: { fromMs: number; toMs: number; level: number }[] = [];
  const end = Math.floor((nowMs - hourMs) / (2 * hourMs)) * 2 * hourMs;
  let fromMs = Math.floor((nowMs - days * dayMs) / longest) * longest;
  while (fromMs < end) {
    const start = fromMs;
    const hours = blockHours.find((each) => start % (each * hourMs) === 0 && start + each * hourMs <= end) ?? 2;
    spans.push({ fromMs, toMs: fromMs + hours * hourMs, level: blockHours.length - blockHours.indexOf(hours) });
    fromMs += hours * hourMs;
  }
  return spans;
}

/** Crockford's base 32, as ULIDs are written: 10 characters of time, 16 of chance. */
function ulid(timeMs: number, random: Random): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let text = '';
  for (let rest = timeMs, index = 0; index < 10; index += 1, rest = Math.floor(rest / 32)) {
    text = (digits[rest % 32] ?? '') + text;
  }
  for (let index = 0; index < 16; index += 1) text += digits[random.int(32)] ?? '';
  return text;
}

function blockFiles(
  root: string,
  seed: number,
  span: ReturnType<typeof blockSpans>[number],
  all: readonly Scrape[],
): SampleFile[] {
  const { fromMs, toMs, level } = span;
  // Written once the last two hours were over and half an hour had passed.
  const mtimeMs = toMs + hourMs;
  const id = ulid(mtimeMs, createRandom(seed, `ulid/${fromMs}`));
  const within = all.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
  const block = encodeBlock(
    series.map(({ labels }, index) => ({
      labels,
      samples: within.map(({ timeMs, values }) => ({ timeMs, value: values[index] ?? 0 })),
    })),
  );
  const meta = {
    ulid: id,
    minTime: fromMs,
    maxTime: toMs,
    stats: block.stats,
    compaction: { level, sources: [id] },
    version: 1,
  };
  const file = (name: string, content: Uint8Array | string): SampleFile => ({
    kind: 'file',
    path: `${root}/${id}/${name}`,
    mtimeMs,
    content: () => content,
  });
  return [
    file('chunks/000001', block.chunks),
    file('index', block.index),
    file('meta.json', `${JSON.stringify(meta, null, '\t')}\n`),
    file('tombstones', block.tombstones),
  ];
}

export function prometheusFiles(root: string, seed: number, nowMs: number): SampleFile[] {
  const spans = blockSpans(nowMs);
  const fromMs = spans[0]?.fromMs ?? nowMs;
  const headMs = spans.at(-1)?.toMs ?? nowMs;
  const all = scrapes(createRandom(seed, root), fromMs, nowMs);
  const records = all
    .filter(({ timeMs }) => timeMs >= headMs)
    .map(({ timeMs, values }) =>
      samplesRecord(
        timeMs,
        series.map(({ ref }, index) => ({ ref, value: values[index] ?? 0 })),
      ),
    );
  return [
    ...spans.flatMap((span) => blockFiles(root, seed, span, all)),
    {
      kind: 'file',
      path: `${root}/wal/00000000`,
      mtimeMs: nowMs,
      content: () => encodeSegment([seriesRecord(series), ...records]),
    },
    {
      kind: 'file',
      path: `${root}/prometheus.yml`,
      mtimeMs: nowMs - 52 * dayMs,
      content: () =>
        [
          'global:',
          '  scrape_interval: 60s',
          'scrape_configs:',
          '  - job_name: stock-prediction',
          '    static_configs:',
          '      - targets: ["backend:8000"]',
          '',
        ].join('\n'),
    },
  ];
}
