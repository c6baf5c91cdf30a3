import { ByteWriter } from './bytes.ts';
import { crc32c } from './crc32c.ts';
import type { Sample } from './xor-chunk.ts';
import { encodeXorChunk } from './xor-chunk.ts';

/** A series of a block; `labels` includes `__name__`. */
export interface BlockSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly Sample[];
}

export interface BlockFiles {
  readonly chunks: Buffer;
  readonly index: Buffer;
  readonly tombstones: Buffer;
  readonly stats: { readonly numSamples: number; readonly numSeries: number; readonly numChunks: number };
}

interface WrittenChunk {
  readonly offset: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** As many as Prometheus puts in one chunk. */
const samplesAChunk = 120;

/** `labels` as pairs in the order Prometheus keeps them. */
export function sortedLabels(labels: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** prometheus/tsdb/docs/format/chunks.md: each chunk is its length, its encoding (1 = XOR), its data and a checksum. */
function writeChunks(out: ByteWriter, samples: readonly Sample[]): WrittenChunk[] {
  const chunks: WrittenChunk[] = [];
  for (let start = 0; start < samples.length; start += samplesAChunk) {
    const list = samples.slice(start, start + samplesAChunk);
    const body = Buffer.concat([Buffer.of(1), encodeXorChunk(list)]);
    chunks.push({ offset: out.length, fromMs: list[0]?.timeMs ?? 0, toMs: list.at(-1)?.timeMs ?? 0 });
    out
      .uvarint(body.length - 1)
      .bytes(body)
      .u32be(crc32c(body));
  }
  return chunks;
}

/** Appends a section: length, content, checksum of the content. Returns where it begins. */
function writeSection(out: ByteWriter, content: Buffer): number {
  const at = out.length;
  out.u32be(content.length).bytes(content).u32be(crc32c(content));
  return at;
}

function seriesEntry(labels: readonly (readonly [number, number])[], chunks: readonly WrittenChunk[]): Buffer {
  const out = new ByteWriter().uvarint(labels.length);
  for (const [name, value] of labels) out.uvarint(name).uvarint(value);
  out.uvarint(chunks.length);
  chunks.forEach(({ offset, fromMs, toMs }, index) => {
    const before = chunks[index - 1];
    if (before === undefined)
      out
        .varint(fromMs)
        .uvarint(toMs - fromMs)
        .uvarint(offset);
    else
      out
        .uvarint(fromMs - before.toMs)
        .uvarint(toMs - fromMs)
        .varint(offset - before.offset);
  });
  return out.finish();
}

/** prometheus/tsdb/docs/format/index.md, version 2, without the label indices that are no longer read. */
function encodeIndex(
  series: readonly { readonly labels: [string, string][]; readonly chunks: WrittenChunk[] }[],
): Buffer {
  const out = new ByteWriter().u32be(0xbaaad700).u8(2);
  const symbols = [...new Set(series.flatMap(({ labels }) => labels.flat()))].sort();
  const symbolTable = new ByteWriter().u32be(symbols.length);
  for (const symbol of symbols) symbolTable.varText(symbol);
  const symbolsAt = writeSection(out, symbolTable.finish());

  /** Series by label, the label as JSON; the empty label has all. */
  const postings = new Map<string, number[]>([[JSON.stringify(['', '']), []]]);
  const seriesAt = out.align(16).length;
  for (const { labels, chunks } of series) {
    const reference = out.align(16).length / 16;
    const pairs = labels.map(([name, value]) => [symbols.indexOf(name), symbols.indexOf(value)] as const);
    const entry = seriesEntry(pairs, chunks);
    out.uvarint(entry.length).bytes(entry).u32be(crc32c(entry));
    for (const label of [['', ''], ...labels]) {
      const key = JSON.stringify(label);
      postings.set(key, [...(postings.get(key) ?? []), reference]);
    }
  }

  const table = new ByteWriter().u32be(postings.size);
  const postingsAt = out.align(4).length;
  for (const [key, references] of [...postings].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const list = new ByteWriter().u32be(references.length);
    for (const reference of references) list.u32be(reference);
    const at = writeSection(out.align(4), list.finish());
    const [name, value] = JSON.parse(key) as [string, string];
    table.u8(2).varText(name).varText(value).uvarint(at);
  }
  const tableAt = writeSection(out, table.finish());

  const contents = new ByteWriter(48);
  for (const at of [symbolsAt, seriesAt, 0, 0, postingsAt, tableAt]) contents.u64be(at);
  const bytes = contents.finish();
  return out.bytes(bytes).u32be(crc32c(bytes)).finish();
}

/** The files of a block of Prometheus's database but its `meta.json`. */
export function encodeBlock(series: readonly BlockSeries[]): BlockFiles {
  const chunks = new ByteWriter(1 << 14).u32be(0x85bd40dd).u8(1, 0, 0, 0);
  const sorted = series
    .map(({ labels, samples }) => ({ labels: sortedLabels(labels), samples }))
    .sort((a, b) => (JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1))
    .map(({ labels, samples }) => ({ labels, chunks: writeChunks(chunks, samples) }));
  return {
    chunks: chunks.finish(),
    index: encodeIndex(sorted),
    // prometheus/tsdb/docs/format/tombstones.md: none, so the checksum is of nothing.
    tombstones: new ByteWriter(9).u32be(0x0130ba30).u8(1).u32be(0).finish(),
    stats: {
      numSamples: series.reduce((sum, { samples }) => sum + samples.length, 0),
      numSeries: series.length,
      numChunks: sorted.reduce((sum, each) => sum + each.chunks.length, 0),
    },
  };
}
