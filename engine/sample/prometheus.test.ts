import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { hourMs } from './days.ts';
import { blockSpans } from './prometheus.ts';
import { encodeBlock } from './tsdb-block.ts';
import { encodeXorChunk } from './xor-chunk.ts';
import { encodeSegment, samplesRecord, seriesRecord } from './write-ahead-log.ts';

describe('XOR chunks', () => {
  it('spend one bit on an unchanged step and one on an unchanged value', () => {
    const samples = Array.from({ length: 120 }, (_, index) => ({
      timeMs: 1_700_000_000_000 + index * 60_000,
      value: 7,
    }));
    const chunk = encodeXorChunk(samples);
    expect(chunk.readUInt16BE(0)).toBe(120);
    // 2 bytes of count, 6 of time, 8 of value, 3 of the first step, then 1 bit and 118 times 2.
    expect(chunk).toHaveLength(2 + 6 + 8 + 3 + Math.ceil((1 + 118 * 2) / 8));
  });
});

describe('a block', () => {
  const samples = Array.from({ length: 300 }, (_, index) => ({ timeMs: index * 1000, value: Math.sin(index) }));
  const block = encodeBlock([
    { labels: { __name__: 'b', job: 'x' }, samples },
    { labels: { __name__: 'a', job: 'x' }, samples },
  ]);

  it('has chunks with length and checksum up to the end of the file', () => {
    const { chunks } = block;
    expect(chunks.readUInt32BE(0)).toBe(0x85bd40dd);
    let [at, count] = [8, 0];
    while (at < chunks.length) {
      let [length, shift, byte] = [0, 0, 0];
      do {
        byte = chunks[at] ?? 0;
        length |= (byte & 0x7f) << shift;
        shift += 7;
        at += 1;
      } while (byte >= 0x80);
      expect(chunks.readUInt32BE(at + 1 + length)).toBe(crc32c(chunks.subarray(at, at + 1 + length)));
      at += 1 + length + 4;
      count += 1;
    }
    expect(at).toBe(chunks.length);
    expect(block.stats).toEqual({ numSamples: 600, numSeries: 2, numChunks: count });
  });

  it('has an index whose table of contents leads to sections with right checksums', () => {
    const { index } = block;
    expect(index.readUInt32BE(0)).toBe(0xbaaad700);
    const contents = index.length - 52;
    expect(index.readUInt32BE(index.length - 4)).toBe(crc32c(index.subarray(contents, index.length - 4)));
    const section = (entry: number): Buffer => {
      const at = Number(index.readBigUInt64BE(contents + entry * 8));
      const content = index.subarray(at + 4, at + 4 + index.readUInt32BE(at));
      expect(index.readUInt32BE(at + 4 + content.length)).toBe(crc32c(content));
      return content;
    };
    // Symbols: __name__ a b job x. Postings offsets: all, name a, name b, job x.
    expect(section(0).readUInt32BE(0)).toBe(5);
    expect(section(5).readUInt32BE(0)).toBe(4);
    expect(section(4).readUInt32BE(0)).toBe(2);
    expect(Number(index.readBigUInt64BE(contents + 8)) % 16).toBe(0);
  });
});

describe('spans of blocks', () => {
  it('follow one another, aligned to their length, up to the last two hours', () => {
    const now = Date.UTC(2026, 10, 20, 11, 30);
    const spans = blockSpans(now);
    spans.forEach(({ fromMs, toMs }, index) => {
      expect(fromMs % (toMs - fromMs)).toBe(0);
      if (index > 0) expect(fromMs).toBe(spans[index - 1]?.toMs);
    });
    // The older, the larger.
    expect(spans.map(({ level }) => level)).toEqual(spans.map(({ level }) => level).toSorted((a, b) => b - a));
    expect(spans[0]?.level).toBe(3);
    const open = now - spans.at(-1)!.toMs;
    expect(open).toBeGreaterThanOrEqual(hourMs);
    expect(open).toBeLessThan(3 * hourMs);
  });
});

describe('write-ahead log', () => {
  it('keeps each record within a page, with length and checksum, and zeros after the last', () => {
    const series = seriesRecord([{ ref: 1, labels: { job: 'x', __name__: 'up' } }]);
    expect(series.toString('latin1')).toBe('\x01\0\0\0\0\0\0\0\x01\x02\x08__name__\x02up\x03job\x01x');
    const samples = samplesRecord(1_700_000_000_000, [
      { ref: 1, value: 0.5 },
      { ref: 3, value: 1 },
    ]);
    expect(Number(samples.readBigUInt64BE(9))).toBe(1_700_000_000_000);
    const records = [series, ...Array.from({ length: 1500 }, () => samples)];
    const segment = encodeSegment(records);
    expect(segment.length % 32_768).toBe(0);
    let at = 0;
    for (const record of records) {
      if (segment[at] === 0) at = Math.ceil(at / 32_768) * 32_768;
      expect(segment[at]).toBe(1);
      expect(segment.readUInt16BE(at + 1)).toBe(record.length);
      expect(segment.readUInt32BE(at + 3)).toBe(crc32c(record));
      expect(Math.floor(at / 32_768)).toBe(Math.floor((at + 6 + record.length) / 32_768));
      at += 7 + record.length;
    }
    expect(segment.subarray(at).every((byte) => byte === 0)).toBe(true);
  });
});
