import { LarderError } from '../contract/errors.ts';
import { maxReplyLength, outgoingFrameSchema } from '../contract/frames.ts';
import type { CallFrame, OutgoingFrame, ReplyFrame, RequestFrame } from '../contract/frames.ts';
import type { Subscriber, Transport } from './transport.ts';

interface Waiting {
  resolve(reply: ReplyFrame): void;
  reject(error: LarderError): void;
}

/**
 * Reads one frame that came from the engine's side. Throws `LarderError` for one that is not whole: then the two sides do
 * not speak the same language, and what was lost is unknown.
 */
export function parseOutgoing(text: unknown): OutgoingFrame {
  if (typeof text !== 'string') throw new LarderError('INTERNAL', 'The engine sent a frame that is not text.');
  if (text.length > maxReplyLength)
    throw new LarderError('LIMIT_REACHED', 'The engine sent a frame that is too large.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LarderError('INTERNAL', 'The engine sent a frame that is not JSON.');
  }
  const parsed = outgoingFrameSchema.safeParse(value);
  if (!parsed.success) throw new LarderError('INTERNAL', 'The engine sent a malformed frame.');
  return parsed.data;
}

/**
 * A {@link Transport} over any two-way channel of text frames. The owner feeds what arrives to `receive`, and says when
 * the channel is lost (`disconnected`) or there again (`reconnected`); calls under way when it is lost fail as retryable.
 */
export class FrameTransport implements Transport {
  private readonly post: (frame: string) => void;
  private readonly onClose: () => void;
  private readonly waiting = new Map<string, Waiting>();
  private readonly subscribers = new Set<Subscriber>();
  private position: { epoch: string; seq: number } | undefined;
  private lost: string | undefined;

  constructor(post: (frame: string) => void, onClose: () => void = () => {}) {
    this.post = post;
    this.onClose = onClose;
  }

  request(frame: CallFrame): Promise<ReplyFrame> {
    return new Promise((resolve, reject) => {
      if (this.lost !== undefined) {
        reject(unreachable(this.lost));
        return;
      }
      if (this.waiting.has(frame.id)) {
        reject(new LarderError('INVALID_INPUT', `A call with the id ${frame.id} is not answered yet.`));
        return;
      }
      this.waiting.set(frame.id, { resolve, reject });
      try {
        this.send(frame);
      } catch (error) {
        this.waiting.delete(frame.id);
        const message = error instanceof Error ? error.message : String(error);
        reject(new LarderError('INVALID_INPUT', `The request cannot be sent: ${message}`, { cause: error }));
      }
    });
  }

  cancel(id: string): void {
    if (this.waiting.has(id)) this.send({ t: 'cancel', id });
  }

  subscribe(subscriber: Subscriber): () => void {
    this.subscribers.add(subscriber);
    if (this.lost !== undefined) subscriber.disconnected(this.lost);
    else if (this.subscribers.size === 1) this.send({ t: 'subscribe' });
    else if (this.position !== undefined) subscriber.hello({ t: 'hello', ...this.position });
    return () => {
      if (!this.subscribers.delete(subscriber) || this.subscribers.size > 0) return;
      this.position = undefined;
      if (this.lost === undefined) this.send({ t: 'unsubscribe' });
    };
  }

  /** Takes what arrived. A frame that cannot be read fails every call under way, since one of them will get no answer. */
  receive(text: unknown): void {
    let frame: OutgoingFrame;
    try {
      frame = parseOutgoing(text);
    } catch (error) {
      this.failAll(error instanceof LarderError ? error : new LarderError('INTERNAL', String(error)));
      return;
    }
    switch (frame.t) {
      case 'result':
        this.settle(frame.id, frame);
        return;
      case 'error':
        if (frame.id === undefined) this.failAll(LarderError.fromData(frame.error));
        else this.settle(frame.id, frame);
        return;
      case 'hello':
        this.lost = undefined;
        this.position = { epoch: frame.epoch, seq: frame.seq };
        for (const subscriber of [...this.subscribers]) subscriber.hello(frame);
        return;
      case 'event':
        if (this.position !== undefined) this.position.seq = frame.seq;
        for (const subscriber of [...this.subscribers]) subscriber.event(frame);
        return;
      case 'disconnected':
        this.disconnected(frame.reason);
        return;
    }
  }

  disconnected(reason: string): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.failAll(unreachable(reason));
    for (const subscriber of [...this.subscribers]) subscriber.disconnected(reason);
  }

  reconnected(): void {
    this.lost = undefined;
    if (this.subscribers.size > 0) this.send({ t: 'subscribe' });
  }

  close(): void {
    this.disconnected('closed');
    this.subscribers.clear();
    this.onClose();
  }

  private send(frame: RequestFrame): void {
    this.post(JSON.stringify(frame));
  }

  private settle(id: string, reply: ReplyFrame): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.resolve(reply);
  }

  private failAll(error: LarderError): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of all) waiting.reject(error);
  }
}

function unreachable(reason: string): LarderError {
  return new LarderError('INTERNAL', `Larder's engine cannot be reached: ${reason}`, {
    hint: 'It restarts by itself; try again in a moment.',
    retryable: true,
  });
}
