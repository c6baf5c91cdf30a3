import type { Transport } from '../shared/client/index.ts';
import { LarderError, isLarderError } from '../shared/contract/index.ts';
import { callFrameSchema, maxCallLength, maxReplyLength } from '../shared/contract/frames.ts';
import type { CallFrame, ReplyFrame } from '../shared/contract/frames.ts';
import { engineDown } from './event-hub.ts';
import type { Refusal } from './request-rules.ts';
import type { Session } from './sessions.ts';
import { RateLimit } from '../shared/rate-limit.ts';

/** Longest body of a call: every UTF-16 code unit takes at most three bytes of UTF-8. */
export const maxCallBytes = 3 * maxCallLength;
/** Unanswered calls a session may have. */
export const maxCallsInFlight = 256;
/** Calls a session may make at once, and a second after that. */
const callBurst = 400;
const callsPerSecond = 200;

interface Running {
  /** Id towards the engine; unique over all sessions and tabs. */
  readonly engineId: string;
  readonly session: Session;
}

function malformed(message: string): Refusal {
  return { status: 400, error: new LarderError('INVALID_INPUT', message) };
}

/** Reads a call frame and checks that it is for the procedure that the address names. */
export function parseCall(text: string, procedure: string): CallFrame | Refusal {
  if (text.length > maxCallLength) {
    return { status: 413, error: new LarderError('LIMIT_REACHED', 'The call is larger than Larder accepts.') };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed('The call is not valid JSON.');
  }
  const parsed = callFrameSchema.safeParse(value);
  if (!parsed.success) return malformed('The call is not a call frame.');
  if (parsed.data.name !== procedure) return malformed('The call and its address name different procedures.');
  return parsed.data;
}

/**
 * Calls on their way between sessions and the engine.
 *
 * Ids are chosen by each tab for itself, so towards the engine every call gets a new one.
 */
export class Calls {
  readonly #engine: Transport;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  readonly #buckets = new WeakMap<Session, RateLimit>();
  #nextId = 1;

  constructor(options: { engine: Transport; now: () => number }) {
    this.#engine = options.engine;
    this.#now = options.now;
  }

  /** Whether the session may make another call now. Asked before its body is read. */
  refuse(session: Session): Refusal | undefined {
    const now = this.#now();
    const bucket = this.#buckets.get(session) ?? new RateLimit(callsPerSecond, callBurst, now);
    this.#buckets.set(session, bucket);
    const waitMs = bucket.takeOrWait(now);
    const inFlight = [...this.#running.values()].filter((running) => running.session.id === session.id).length;
    if (waitMs === 0 && inFlight < maxCallsInFlight) return undefined;
    return {
      status: 429,
      error: new LarderError('LIMIT_REACHED', 'Too many calls at once.', { hint: 'Try again.', retryable: true }),
      headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
    };
  }

  /**
   * Passes a call on and resolves with the engine's reply under the caller's id.
   *
   * `tab` tells apart the windows of one session. `gone` is called with what to do when the caller goes away first.
   */
  async run(
    call: { session: Session; tab: string; frame: CallFrame },
    gone: (cancel: () => void) => void,
  ): Promise<ReplyFrame | Refusal> {
    const { session, tab, frame } = call;
    const key = this.#key(session, tab, frame.id);
    if (this.#running.has(key)) return malformed('A call with this id is still being answered.');
    const engineId = `h${this.#nextId++}`;
    this.#running.set(key, { engineId, session });
    gone(() => this.#engine.cancel(engineId));
    try {
      const reply = await this.#engine.request({ ...frame, id: engineId });
      return { ...reply, id: frame.id };
    } catch (error) {
      // A carrier rejects only when the engine could not answer at all.
      if (isLarderError(error, 'LIMIT_REACHED') || isLarderError(error, 'INVALID_INPUT')) {
        return { t: 'error', id: frame.id, error: error.toData() };
      }
      return { ...engineDown(error instanceof Error ? error.message : String(error)), id: frame.id };
    } finally {
      this.#running.delete(key);
    }
  }

  /** Cancels a call of the same session and tab; an unknown id is ignored. */
  cancel(session: Session, tab: string, id: string): void {
    const running = this.#running.get(this.#key(session, tab, id));
    if (running !== undefined) this.#engine.cancel(running.engineId);
  }

  #key(session: Session, tab: string, id: string): string {
    return JSON.stringify([session.id, tab, id]);
  }
}

/** A reply as text; one that is too long becomes an error. */
export function replyText(reply: ReplyFrame): string {
  const text = JSON.stringify(reply);
  if (text.length <= maxReplyLength) return text;
  const error = new LarderError('LIMIT_REACHED', 'The answer is larger than Larder sends at once.', {
    hint: 'Ask for less.',
  });
  return JSON.stringify({ t: 'error', ...(reply.id === undefined ? {} : { id: reply.id }), error: error.toData() });
}
