import { ByteWriter } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import { sortedLabels } from './tsdb-block.ts';

/** Prometheus's write-ahead log: prometheus/tsdb/docs/format/wal.md. */

const pageBytes = 32 * 1024;
const recordHeaderBytes = 7;
const recordType = { series: 1, samples: 2 } as const;
const fullFragment = 1;

export interface Series {
  readonly ref: number;
  readonly labels: Readonly<Record<string, string>>;
}

export function seriesRecord(series: readonly Series[]): Buffer {
  const out = new ByteWriter().u8(recordType.series);
  for (const { ref, labels } of series) {
    const pairs = sortedLabels(labels);
    out.u64be(ref).uvarint(pairs.length);
    for (const text of pairs.flat()) out.varText(text);
  }
  return out.finish();
}

export function samplesRecord(
  timeMs: number,
  samples: readonly { readonly ref: number; readonly value: number }[],
): Buffer {
  const [first] = samples;
  if (first === undefined) throw new RangeError('a record of samples needs one');
  const out = new ByteWriter().u8(recordType.samples).u64be(first.ref).u64be(timeMs);
  for (const { ref, value } of samples) {
    out
      .varint(ref - first.ref)
      .varint(0)
      .f64be(value);
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
