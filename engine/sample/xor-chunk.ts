import { ByteWriter } from './bytes.ts';

export interface Sample {
  readonly timeMs: number;
  readonly value: number;
}

/** Bits put together from the highest of each byte. */
class BitWriter {
  private readonly out = new ByteWriter(512);
  private byte = 0;
  private room = 8;

  /** The lowest `count` bits of `value`, highest first; at most 32. */
  bits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.byte = (this.byte << 1) | ((value >>> bit) & 1);
      this.room -= 1;
      if (this.room > 0) continue;
      this.out.u8(this.byte);
      this.byte = 0;
      this.room = 8;
    }
  }

  wide(value: bigint, count: number): void {
    if (count > 32) this.bits(Number((value >> 32n) & 0xffff_ffffn), count - 32);
    this.bits(Number(value & 0xffff_ffffn), Math.min(32, count));
  }

  bytes(data: Uint8Array): void {
    for (const byte of data) this.bits(byte, 8);
  }

  finish(): Buffer {
    if (this.room < 8) this.out.u8(this.byte << this.room);
    return this.out.finish();
  }
}

const float = new DataView(new ArrayBuffer(8));

function floatBits(value: number): bigint {
  float.setFloat64(0, value);
  return float.getBigUint64(0);
}

function leadingZeros(value: bigint): number {
  const high = Number(value >> 32n);
  return high === 0 ? 32 + Math.clz32(Number(value & 0xffff_ffffn)) : Math.clz32(high);
}

function trailingZeros(value: bigint): number {
  const lowest = value & -value;
  return 63 - leadingZeros(lowest);
}

/** Writes how much the step of time changed: few bits for little. */
function writeStepChange(out: BitWriter, change: number): void {
  if (change === 0) return out.bits(0, 1);
  for (const [prefix, prefixBits, bits] of [
    [0b10, 2, 14],
    [0b110, 3, 17],
    [0b1110, 4, 20],
  ] as const) {
    if (change < -(2 ** (bits - 1) - 1) || change > 2 ** (bits - 1)) continue;
    out.bits(prefix, prefixBits);
    return out.bits(change, bits);
  }
  out.bits(0b1111, 4);
  out.wide(BigInt.asUintN(64, BigInt(change)), 64);
}

/**
 * Samples as Prometheus packs them (prometheus/tsdb/chunkenc/xor.go, after Facebook's Gorilla): the first whole, then
 * the change of the step of time and the bits by which the value differs from the one before.
 */
export function encodeXorChunk(samples: readonly Sample[]): Buffer {
  const out = new BitWriter();
  out.bits(samples.length, 16);
  let [timeMs, step, bits] = [0, 0, 0n];
  let [leading, trailing] = [255, 0];
  samples.forEach((sample, index) => {
    const next = floatBits(sample.value);
    if (index === 0) {
      out.bytes(new ByteWriter(10).varint(sample.timeMs).finish());
      out.wide(next, 64);
    } else {
      const taken = sample.timeMs - timeMs;
      if (index === 1) out.bytes(new ByteWriter(10).uvarint(taken).finish());
      else writeStepChange(out, taken - step);
      step = taken;
      const difference = next ^ bits;
      if (difference === 0n) out.bits(0, 1);
      else {
        out.bits(1, 1);
        const [left, right] = [Math.min(31, leadingZeros(difference)), trailingZeros(difference)];
        if (leading !== 255 && left >= leading && right >= trailing) out.bits(0, 1);
        else {
          [leading, trailing] = [left, right];
          out.bits(1, 1);
          out.bits(leading, 5);
          // 64 does not fit 6 bits and is written as 0, which is not needed otherwise.
          out.bits((64 - leading - trailing) & 63, 6);
        }
        out.wide(difference >> BigInt(trailing), 64 - leading - trailing);
      }
    }
    [timeMs, bits] = [sample.timeMs, next];
  });
  return out.finish();
}
