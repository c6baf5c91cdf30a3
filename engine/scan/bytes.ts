import { encodeName } from '../fs/index.ts';

/** A growing byte buffer with the few encodings that directory records use. */
export class ByteWriter {
  buffer: Buffer;
  at = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `more` bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + more));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  /** An integer from 0 to 2^53, seven bits a byte, lowest first (LEB128). */
  varint(value: number): void {
    this.reserve(8);
    const { buffer } = this;
    let rest = value;
    while (rest > 0x7fff_ffff) {
      buffer[this.at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      buffer[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[this.at++] = rest;
  }

  /** An integer of either sign: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** A file name: the length of its bytes, then the bytes. Nearly all are ASCII, where a loop beats a call into native code. */
  name(text: string): void {
    const { length } = text;
    this.reserve(length + 8);
    const { buffer } = this;
    const start = this.at;
    if (length < 128) {
      let at = start;
      buffer[at++] = length;
      let index = 0;
      for (; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit > 127) break;
        buffer[at++] = unit;
      }
      if (index === length) {
        this.at = at;
        return;
      }
    }
    const data = encodeName(text);
    this.varint(data.length);
    this.bytes(data);
  }

  bytes(data: Uint8Array): void {
    this.reserve(data.length);
    this.buffer.set(data, this.at);
    this.at += data.length;
  }
}

/** Reads what {@link ByteWriter} wrote. */
export class ByteReader {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer;
    this.at = at;
  }

  byte(): number {
    return this.buffer[this.at++] ?? 0;
  }

  varint(): number {
    const { buffer } = this;
    let byte = buffer[this.at++] ?? 0;
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = buffer[this.at++] ?? 0;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
