import type { Subscriber, Transport } from '../../shared/client/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { CallFrame, ReplyFrame } from '../../shared/contract/frames.ts';

/** A carrier whose other end is a test: answers what it is told to, and says what was asked. */
export class FakeEngine implements Transport {
  readonly calls: CallFrame[] = [];
  readonly cancelled: string[] = [];
  readonly #subscribers = new Set<Subscriber>();
  readonly #waiting = new Map<string, (reply: ReplyFrame) => void>();
  readonly #watchers: (() => void)[] = [];
  #dead: string | undefined;
  #seq = 0;
  #epoch = 'one';

  /** `hang` is answered by {@link answer} or by cancelling; everything else echoes its input. */
  async request(frame: CallFrame): Promise<ReplyFrame> {
    this.calls.push(frame);
    if (this.#dead !== undefined) throw new LarderError('INTERNAL', this.#dead, { retryable: true });
    if (frame.name !== 'hang') return { t: 'result', id: frame.id, output: frame.input };
    const reply = new Promise<ReplyFrame>((resolve) => this.#waiting.set(frame.id, resolve));
    this.#notify();
    return reply;
  }

  cancel(id: string): void {
    this.cancelled.push(id);
    this.#waiting.get(id)?.({ t: 'error', id, error: new LarderError('CANCELLED', 'Cancelled.').toData() });
    this.#waiting.delete(id);
    this.#notify();
  }

  answer(id: string): void {
    this.#waiting.get(id)?.({ t: 'result', id, output: null });
    this.#waiting.delete(id);
  }

  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    if (this.#dead === undefined) subscriber.hello({ t: 'hello', epoch: this.#epoch, seq: this.#seq });
    else subscriber.disconnected(this.#dead);
    return () => this.#subscribers.delete(subscriber);
  }

  close(): void {
    this.#subscribers.clear();
  }

  emit(data: unknown): void {
    this.#seq += 1;
    for (const subscriber of this.#subscribers) {
      subscriber.event({ t: 'event', seq: this.#seq, name: 'jobs.changed', data });
    }
  }

  die(reason: string): void {
    this.#dead = reason;
    for (const subscriber of this.#subscribers) subscriber.disconnected(reason);
  }

  revive(epoch: string): void {
    this.#dead = undefined;
    this.#epoch = epoch;
    this.#seq = 0;
    for (const subscriber of this.#subscribers) subscriber.hello({ t: 'hello', epoch, seq: 0 });
  }

  /** Resolves once `holds` does; looked at whenever a call arrives or is cancelled. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #notify(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
