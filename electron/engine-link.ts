import { LarderError } from '../shared/contract/index.ts';
import type { Transport } from '../shared/client/index.ts';
import { RateLimit } from '../shared/rate-limit.ts';
import { toLarderError } from '../engine/fs/index.ts';
import { callIdOf, errorReply, readCallFrame, writeReply } from './frames.ts';

/** Most calls of one window that may be unanswered at a time. */
const maxUnanswered = 256;
/** Frames a window may send: enough for a person's fastest typing in every field, far too few to hold anything up. */
const frameRate = { burst: 400, perSecond: 200 };
/** Characters a window may send: four of the longest frames at once. */
const sizeRate = { burst: 32 * 1024 * 1024, perSecond: 8 * 1024 * 1024 };

/** One window's way to the engine: reads, limits and passes on what it says, and sends it what it listens for. */
export interface EngineLink {
  /** Answers a call frame with a reply frame, always. */
  request(frame: unknown): Promise<string>;
  /** Asks for the end of a call by its id; anything else is ignored. */
  cancel(id: unknown): void;
  /** Begins the flow of frames anew, with a hello first. */
  subscribe(): void;
  unsubscribe(): void;
  /** Takes one from the window's allowance of messages; false when it is used up. */
  allow(): boolean;
  /** The page is gone or another: nobody waits for its calls or listens. */
  reset(): void;
}

/** @param send hands one frame to the window */
export function createEngineLink(transport: Transport, send: (frame: string) => void, clock: () => number): EngineLink {
  const frames = new RateLimit(frameRate.perSecond, frameRate.burst, clock());
  const sizes = new RateLimit(sizeRate.perSecond, sizeRate.burst, clock());
  /** From the page's id of a call to the engine's. A page loaded anew starts counting again, so they must differ. */
  let unanswered = new Map<string, string>();
  let calls = 0;
  let stop: (() => void) | undefined;

  function unsubscribe(): void {
    stop?.();
    stop = undefined;
  }

  function checkRate(frame: unknown): void {
    const length = typeof frame === 'string' ? frame.length : 0;
    if (!frames.take(clock()) || !sizes.take(clock(), length)) {
      throw new LarderError('LIMIT_REACHED', 'The window is asking too much at once.', { retryable: true });
    }
  }

  return {
    async request(text) {
      let id = callIdOf(text);
      try {
        checkRate(text);
        const frame = readCallFrame(text);
        id = frame.id;
        if (unanswered.has(id)) throw new LarderError('INVALID_INPUT', `A call ${id} is unanswered already.`);
        if (unanswered.size >= maxUnanswered) {
          throw new LarderError('LIMIT_REACHED', 'Too many calls are unanswered.', { retryable: true });
        }
        const page = unanswered;
        const engineId = `w${++calls}`;
        page.set(id, engineId);
        try {
          const reply = await transport.request({ ...frame, id: engineId });
          return writeReply(id, { ...reply, id });
        } finally {
          page.delete(id);
        }
      } catch (error) {
        return errorReply(id, toLarderError(error));
      }
    },
    cancel(id) {
      if (typeof id !== 'string' || !frames.take(clock())) return;
      const engineId = unanswered.get(id);
      if (engineId !== undefined) transport.cancel(engineId);
    },
    subscribe() {
      unsubscribe();
      stop = transport.subscribe({
        hello: (frame) => send(JSON.stringify(frame)),
        event: (frame) => send(JSON.stringify(frame)),
        disconnected: (reason) => send(JSON.stringify({ t: 'disconnected', reason })),
      });
    },
    unsubscribe,
    allow: () => frames.take(clock()),
    reset() {
      unsubscribe();
      const left = [...unanswered.values()];
      unanswered = new Map();
      for (const engineId of left) transport.cancel(engineId);
    },
  };
}
