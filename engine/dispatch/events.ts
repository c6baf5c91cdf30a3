import { randomUUID } from 'node:crypto';
import { events as eventSchemas } from '../../shared/contract/index.ts';
import type { EventData, EventName } from '../../shared/contract/index.ts';
import type { EventFrame, HelloFrame } from '../../shared/contract/frames.ts';

/** Numbers events and hands them to every session, in order. */
export class EventBus {
  /** Names this life of the engine. */
  readonly epoch = randomUUID();
  private readonly listeners = new Set<(frame: EventFrame) => void>();
  private readonly validate: boolean;
  private seq = 0;

  constructor(validate: boolean) {
    this.validate = validate;
  }

  emit<N extends EventName>(name: N, data: EventData<N>): void {
    if (this.validate) eventSchemas[name].parse(data);
    this.seq += 1;
    const frame: EventFrame = { t: 'event', seq: this.seq, name, data };
    for (const listener of [...this.listeners]) listener(frame);
  }

  hello(): HelloFrame {
    return { t: 'hello', epoch: this.epoch, seq: this.seq };
  }

  listen(listener: (frame: EventFrame) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
