import { ByteWriter } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import { dayMs, hourMs } from './days.ts';
import type { Random } from './random.ts';
import type { SampleFile } from './tree.ts';

/**
 * The folder of a Prometheus that was started lately: its first samples are still in the write-ahead log. Formats:
 * prometheus/tsdb/docs/format/wal.md.
 */

const pageBytes = 32 * 1024;
const recordHeaderBytes = 7;
const recordType = { series: 1, samples: 2 } as const;
const fullFragment = 1;

export interface Series {
  readonly ref: number;
  readonly labels: Readonly<Record<string, string>>;
}

function uvarint(out: ByteWriter, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.u8((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.u8(rest);
}

/** Go's signed varint: zigzag. */
function varint(out: ByteWriter, value: number): void {
  uvarint(out, value < 0 ? -value * 2 - 1 : value * 2);
}

function u64be(out: ByteWriter, value: number): void {
  out.u32be(Math.floor(value / 0x1_0000_0000)).u32be(value % 0x1_0000_0000);
}

export function seriesRecord(series: readonly Series[]): Buffer {
  const out = new ByteWriter().u8(recordType.series);
  for (const { ref, labels } of series) {
    u64be(out, ref);
    const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    uvarint(out, pairs.length);
    for (const text of pairs.flat()) {
      const bytes = Buffer.from(text, 'utf8');
      uvarint(out, bytes.length);
      out.bytes(bytes);
    }
  }
  return out.finish();
}

export function samplesRecord(
  timeMs: number,
  samples: readonly { readonly ref: number; readonly value: number }[],
): Buffer {
  const [first] = samples;
  if (first === undefined) throw new RangeError('a record of samples needs one');
  const out = new ByteWriter().u8(recordType.samples);
  u64be(out, first.ref);
  u64be(out, timeMs);
  for (const { ref, value } of samples) {
    varint(out, ref - first.ref);
    varint(out, 0);
    out.f64be(value);
  }
  return out.finish();
}

/** A segment: records in pages of 32 KiB, each whole within its page; what is left of a page is zero. */
export function encodeSegment(records: readonly Buffer[]): Buffer {
  const out = new ByteWriter(pageBytes);
  for (const record of records) {
    const room = pageBytes - (out.length % pageBytes);
    if (recordHeaderBytes + record.length > pageBytes) throw new RangeError('a record does not fit a page');
    if (recordHeaderBytes + record.length > room) out.align(pageBytes);
    out
      .u8(fullFragment, record.length >>> 8, record.length & 0xff)
      .u32be(crc32c(record))
      .bytes(record);
  }
  return out.align(pageBytes).finish();
}

const metrics = [
  'persistent_storage_size_bytes',
  'persistent_storage_files_total',
  'prediction_requests_total',
  'prediction_latency_seconds',
  'process_resident_memory_bytes',
] as const;

function segment(random: Random, fromMs: number, toMs: number): Buffer {
  const series = metrics.map((name, index): Series => ({
    ref: index + 1,
    labels: { __name__: name, instance: 'backend:8000', job: 'stock-prediction' },
  }));
  const values = [58_000_000, 430, 12_000, 0.045, 1_450_000_000];
  const records = [seriesRecord(series)];
  for (let timeMs = fromMs; timeMs <= toMs; timeMs += 15_000) {
    values.forEach((value, index) => {
      if (index === 2) values[index] = value + random.int(9);
      else if (index > 2) values[index] = value * (1 + 0.01 * random.gaussian());
    });
    records.push(
      samplesRecord(
        timeMs,
        series.map(({ ref }, index) => ({ ref, value: values[index] ?? 0 })),
      ),
    );
  }
  return encodeSegment(records);
}

export function prometheusFiles(root: string, nowMs: number): SampleFile[] {
  const segments = 3;
  const files: SampleFile[] = [];
  for (let index = 0; index < segments; index += 1) {
    const toMs = nowMs - (segments - 1 - index) * hourMs;
    files.push({
      kind: 'file',
      path: `${root}/wal/${index.toString().padStart(8, '0')}`,
      mtimeMs: toMs,
      content: (random) => segment(random, toMs - hourMs, toMs),
    });
  }
  files.push({
    kind: 'file',
    path: `${root}/prometheus.yml`,
    mtimeMs: nowMs - 52 * dayMs,
    content: () =>
      [
        'global:',
        '  scrape_interval: 15s',
        'scrape_configs:',
        '  - job_name: stock-prediction',
        '    static_configs:',
        '      - targets: ["backend:8000"]',
        '',
      ].join('\n'),
  });
  return files;
}
