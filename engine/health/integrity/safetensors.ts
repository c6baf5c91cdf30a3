import { formatBytes } from '../../../shared/format.ts';
import { damaged, unknown, whole } from './bytes.ts';
import type { Bytes, Verdict } from './bytes.ts';

/** The format's own bound (`MAX_HEADER_SIZE` in safetensors/src/tensor.rs). */
const mostHeader = 100_000_000;
/** Parsed here; a larger one takes too long for a quick look. */
const mostParsed = 32 * 1024 * 1024;

/**
 * safetensors: header length (u64 LE), JSON, data; the ranges of the tensors fill the data exactly
 * (https://github.com/huggingface/safetensors, "Format").
 */
export function lookAtSafetensors(bytes: Bytes): Verdict {
  const start = bytes.read(0, 8);
  if (start.length < 8) return damaged('is shorter than its header');
  const length = start.readBigUInt64LE();
  if (length > mostHeader || length < 2) return damaged('has no header of safetensors');
  const headerLength = Number(length);
  if (8 + headerLength > bytes.size) return damaged('ends within its header');
  if (headerLength > mostParsed) return unknown(`has a header of ${formatBytes(headerLength)}`);
  let header: unknown;
  try {
    header = JSON.parse(bytes.read(8, headerLength).toString('utf8'));
  } catch {
    return damaged('has a header that is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    return damaged('has a header that is not an object');
  }
  const ranges: [number, number][] = [];
  for (const [name, tensor] of Object.entries(header as Record<string, unknown>)) {
    if (name === '__metadata__') continue;
    const offsets = (tensor as { data_offsets?: unknown } | null)?.data_offsets;
    const [from, to] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return damaged('names a tensor without a place');
    ranges.push([from as number, to as number]);
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let end = 0;
  for (const [from, to] of ranges) {
    if (from !== end || to < from) return damaged('has tensors that overlap or leave gaps');
    end = to;
  }
  const data = bytes.size - 8 - headerLength;
  if (end > data) return damaged(`ends ${formatBytes(end - data)} before its last tensor does`);
  if (end < data) return damaged(`has ${formatBytes(data - end)} after its last tensor`);
  return whole;
}
