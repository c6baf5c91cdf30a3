/** Bytes being put together, little-endian where not said otherwise. */
export class ByteWriter {
  private buffer: Buffer;
  private used = 0;

  constructor(expectedBytes = 4096) {
    this.buffer = Buffer.alloc(expectedBytes);
  }

  /** Bytes written so far, which is also the offset of the next. */
  get length(): number {
    return this.used;
  }

  private reserve(bytes: number): number {
    const at = this.used;
    this.used += bytes;
    if (this.used > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(this.used, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }

  u8(...values: number[]): this {
    for (const value of values) {
      const at = this.reserve(1);
      this.buffer[at] = value;
    }
    return this;
  }

  u16(value: number): this {
    const at = this.reserve(2);
    this.buffer.writeUInt16LE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeUInt32LE(value >>> 0, at);
    return this;
  }

  u32be(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeUInt32BE(value >>> 0, at);
    return this;
  }

  u64(value: number | bigint): this {
    const at = this.reserve(8);
    this.buffer.writeBigUInt64LE(BigInt(value), at);
    return this;
  }

  u64be(value: number): this {
    return this.u32be(Math.floor(value / 0x1_0000_0000)).u32be(value % 0x1_0000_0000);
  }

  /** Seven bits a byte, lowest first, the high bit set on all but the last (as Go's `PutUvarint`). */
  uvarint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** A signed number, zigzag (as Go's `PutVarint`). */
  varint(value: number): this {
    return this.uvarint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** UTF-8 after its length as {@link uvarint}. */
  varText(text: string): this {
    const bytes = Buffer.from(text, 'utf8');
    return this.uvarint(bytes.length).bytes(bytes);
  }

  f32(value: number): this {
    const at = this.reserve(4);
    this.buffer.writeFloatLE(value, at);
    return this;
  }

  f64(value: number): this {
    const at = this.reserve(8);
    this.buffer.writeDoubleLE(value, at);
    return this;
  }

  f64be(value: number): this {
    const at = this.reserve(8);
    this.buffer.writeDoubleBE(value, at);
    return this;
  }

  bytes(data: Uint8Array): this {
    const at = this.reserve(data.length);
    this.buffer.set(data, at);
    return this;
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text, 'utf8'));
  }

  /** Zeros up to the next multiple of `alignment`. */
  align(alignment: number): this {
    const over = this.used % alignment;
    if (over !== 0) this.reserve(alignment - over);
    return this;
  }

  /** What was written; the writer is not to be used afterwards. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.used);
  }
}
