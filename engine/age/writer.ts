import { randomBytes } from 'node:crypto';
import { aead } from './chacha.ts';
import type { Aead } from './chacha.ts';
import { chunkBytes, chunkNonce, payloadNonceBytes, sealedChunkBytes } from './chunks.ts';
import { encodeHeader, fileKeyBytes, hkdf } from './header.ts';
import type { AgeRecipients } from './keys.ts';
import { wrapForPassphrase } from './scrypt.ts';
import { wrapForRecipient } from './x25519.ts';

/** The beginning of one new age file. Secret; for one file only. */
export interface AgeStart {
  readonly fileKey: Uint8Array;
  readonly header: Uint8Array;
}

/** A new file key, wrapped for the recipients. Takes half a second for a passphrase. */
export function startAge(to: AgeRecipients): AgeStart {
  const fileKey = randomBytes(fileKeyBytes);
  const stanzas =
    to.kind === 'passphrase'
      ? [wrapForPassphrase(fileKey, to.passphrase, to.workFactor)]
      : to.recipients.map((recipient) => wrapForRecipient(fileKey, recipient));
  return { fileKey, header: encodeHeader(stanzas, fileKey) };
}

/** Chunks sealed before they are handed on. */
const chunksAtOnce = 64;
/** What is kept back at most after a mark. */
export const holdBytes = 32 * 1024 * 1024;

/**
 * Encrypts plain bytes appended in any lengths. A chunk that was sealed is never sealed again with other content: two
 * texts under one key and nonce give each other away to whoever sees both, and a disk keeps what was truncated. So there
 * is no way back over sealed chunks. {@link mark} keeps back what follows, up to {@link holdBytes}, and {@link rewind} can
 * drop only what is still kept back.
 */
export class AgeWriter {
  private readonly cipher: Aead;
  private readonly sink: (bytes: Uint8Array) => void;
  private readonly limit: number;
  private readonly sealed = Buffer.allocUnsafeSlow(chunksAtOnce * sealedChunkBytes);
  private readonly nonce = new Uint8Array(12);
  /** The last chunk so far. It is sealed only when more follows, for the last one of all is marked as such. */
  private readonly tail = Buffer.allocUnsafeSlow(chunkBytes);
  private tailLength = 0;
  private chunks = 0;
  private at = 0;
  private held: { readonly from: number; readonly parts: Uint8Array[] } | undefined;

  /** `sink` takes the file's bytes in order, and must be done with them when it returns. */
  constructor(start: AgeStart, sink: (bytes: Uint8Array) => void, limit = holdBytes) {
    this.sink = sink;
    this.limit = limit;
    const nonce = randomBytes(payloadNonceBytes);
    this.cipher = aead(hkdf(start.fileKey, nonce, 'payload'));
    sink(Buffer.concat([start.header, nonce]));
  }

  /** Plain bytes so far. */
  get offset(): number {
    return this.at;
  }

  append(plain: Uint8Array): void {
    this.at += plain.length;
    if (this.held === undefined) return this.encrypt(plain);
    // The caller may use its memory again.
    this.held.parts.push(new Uint8Array(plain));
    if (this.at - this.held.from > this.limit) this.letGo();
  }

  /** A point to come back to while no more than {@link holdBytes} follow it. Gives up the one before. */
  mark(): number {
    this.letGo();
    this.held = { from: this.at, parts: [] };
    return this.at;
  }

  /** Takes back everything since the mark; false, and nothing is done, when some of it is sealed. */
  rewind(mark: number): boolean {
    if (this.held?.from !== mark) return false;
    this.held = { from: mark, parts: [] };
    this.at = mark;
    return true;
  }

  /** Seals the last chunk. */
  finish(): void {
    this.letGo();
    const length = this.seal(this.tail.subarray(0, this.tailLength), true, 0);
    this.sink(this.sealed.subarray(0, length));
  }

  private letGo(): void {
    const parts = this.held?.parts ?? [];
    this.held = undefined;
    for (const part of parts) this.encrypt(part);
  }

  private encrypt(plain: Uint8Array): void {
    let from = 0;
    let ready = 0;
    while (from < plain.length) {
      if (this.tailLength === chunkBytes) {
        ready = this.seal(this.tail, false, ready);
        this.tailLength = 0;
      }
      // Whole chunks that more follows need not go through the tail.
      while (this.tailLength === 0 && plain.length - from > chunkBytes) {
        ready = this.seal(plain.subarray(from, from + chunkBytes), false, ready);
        from += chunkBytes;
      }
      const part = plain.subarray(from, from + chunkBytes - this.tailLength);
      this.tail.set(part, this.tailLength);
      this.tailLength += part.length;
      from += part.length;
    }
    if (ready > 0) this.sink(this.sealed.subarray(0, ready));
  }

  /** Seals the next chunk behind `ready` bytes that wait; gives how many wait then. */
  private seal(plain: Uint8Array, last: boolean, ready: number): number {
    let at = ready;
    if (at === this.sealed.length) {
      this.sink(this.sealed);
      at = 0;
    }
    const end = at + plain.length + sealedChunkBytes - chunkBytes;
    this.cipher.seal(chunkNonce(this.chunks, last, this.nonce), plain, this.sealed.subarray(at, end));
    this.chunks += 1;
    return end;
  }
}
