import type { z } from 'zod';
import { LarderError, procedures } from '../../shared/contract/index.ts';
import type { ErrorData, Procedure } from '../../shared/contract/index.ts';
import { maxCallLength, maxReplyLength, requestFrameSchema } from '../../shared/contract/frames.ts';
import type { CallFrame, OutgoingFrame } from '../../shared/contract/frames.ts';
import type { CallContext, Log } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import type { EventBus } from './events.ts';
import type { PathGrants } from './path-grants.ts';
import { RateLimit } from '../../shared/rate-limit.ts';

/** A handler whose input was parsed; types end at this line and begin again inside the capability. */
export type AnyHandler = (input: unknown, call: CallContext) => unknown;

/** Calls a second in the long run and at once. Far above what a window needs, far below what would hurt the engine. */
const callsPerSecond = 500;
const callBurst = 2_000;
/** Calls of one session that may be unanswered at the same time. */
const maxPending = 1_000;

export interface SessionOptions {
  readonly handlers: ReadonlyMap<string, AnyHandler>;
  readonly bus: EventBus;
  readonly grants: PathGrants;
  readonly log: Log;
  /** Parse outputs too: in development and in tests. */
  readonly validateOutput: boolean;
  /** Sends one frame to the other side. */
  readonly deliver: (frame: string) => void;
}

/**
 * The engine's end of one carrier: takes frames as text, parses and limits them, runs the handlers, and answers. Nothing
 * it is sent makes it throw.
 */
export class Session {
  private readonly options: SessionOptions;
  private readonly pending = new Map<string, AbortController>();
  private readonly rate = new RateLimit(callsPerSecond, callBurst, performance.now());
  private stopEvents: (() => void) | undefined;
  private closed = false;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  /** Allows the other side to name a path, because the person chose it in a native dialog. */
  grant(path: string): void {
    try {
      this.options.grants.grant(path);
    } catch (error) {
      // The folder went away since it was chosen; the call that names it will say so.
      this.options.log.warn({ path, error: errorText(error) }, 'A chosen path could not be granted');
    }
  }

  /** Starts the flow of events: a hello, then every event. Again: a new hello. */
  subscribe(): void {
    this.stopEvents?.();
    this.stopEvents = this.options.bus.listen((frame) => this.send(frame));
    this.send(this.options.bus.hello());
  }

  unsubscribe(): void {
    this.stopEvents?.();
    this.stopEvents = undefined;
  }

  /** Takes one frame from the other side. */
  receive(text: unknown): void {
    if (this.closed) return;
    const frame = this.parse(text);
    if (frame === undefined) return;
    if (frame.t === 'cancel') {
      this.pending.get(frame.id)?.abort();
      return;
    }
    if (frame.t === 'subscribe') this.subscribe();
    else if (frame.t === 'unsubscribe') this.unsubscribe();
    else void this.call(frame);
  }

  /** Ends the session: unanswered calls are aborted and nothing more is sent. */
  close(): void {
    this.closed = true;
    this.unsubscribe();
    for (const controller of this.pending.values()) controller.abort();
    this.pending.clear();
  }

  private parse(text: unknown): ReturnType<typeof requestFrameSchema.parse> | undefined {
    if (typeof text !== 'string') {
      this.refuse(new LarderError('INVALID_INPUT', 'A frame must be text.'));
      return undefined;
    }
    if (text.length > maxCallLength) {
      this.refuse(
        new LarderError(
          'LIMIT_REACHED',
          `The request is too large (${text.length} characters; at most ${maxCallLength}).`,
        ),
        idOf(text),
      );
      return undefined;
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.refuse(new LarderError('INVALID_INPUT', 'The request is not JSON.'));
      return undefined;
    }
    const parsed = requestFrameSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    this.refuse(new LarderError('INVALID_INPUT', `The request is malformed: ${issuesOf(parsed.error)}`), idIn(value));
    return undefined;
  }

  private async call(frame: CallFrame): Promise<void> {
    const { id, name } = frame;
    if (this.pending.has(id)) {
      this.refuse(new LarderError('INVALID_INPUT', `A call with the id ${id} is not answered yet.`), id);
      return;
    }
    if (this.pending.size >= maxPending || !this.rate.take(performance.now())) {
      this.refuse(new LarderError('LIMIT_REACHED', 'Too many requests at once.', { retryable: true }), id);
      return;
    }
    const controller = new AbortController();
    this.pending.set(id, controller);
    try {
      const output = await this.run(name, frame.input, controller.signal);
      if (controller.signal.aborted) throw new LarderError('CANCELLED', `${name} was cancelled.`);
      this.send({ t: 'result', id, output });
    } catch (error) {
      const failure = controller.signal.aborted
        ? new LarderError('CANCELLED', `${name} was cancelled.`)
        : toLarderError(error);
      if (failure.code === 'INTERNAL')
        this.options.log.error({ name, error: errorText(error) }, 'A call failed inside Larder');
      this.refuse(failure, id);
    } finally {
      this.pending.delete(id);
    }
  }

  private async run(name: string, input: unknown, signal: AbortSignal): Promise<unknown> {
    const definition = procedures.get(name);
    const handler = this.options.handlers.get(name);
    if (definition === undefined || handler === undefined) {
      throw new LarderError('INVALID_INPUT', `There is no procedure called ${name}.`);
    }
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) throw new LarderError('INVALID_INPUT', `${name}: ${issuesOf(parsed.error)}`);
    this.checkPaths(name, definition, parsed.data);
    const output = await untilAborted(Promise.resolve(handler(parsed.data, { signal })), signal);
    if (!this.options.validateOutput) return output;
    const checked = definition.output.safeParse(output);
    if (!checked.success) throw new LarderError('INTERNAL', `${name} answered wrongly: ${issuesOf(checked.error)}`);
    return checked.data;
  }

  private checkPaths(name: string, definition: Procedure, input: unknown): void {
    const { grants } = this.options;
    if (grants.unrestricted) return;
    if (definition.unrestrictedOnly === true) {
      throw new LarderError('PERMISSION', `${name} is not offered to a window.`, { hint: 'Use the folder dialog.' });
    }
    for (const path of definition.paths?.(input) ?? []) grants.check(path);
  }

  private refuse(error: LarderError, id?: string): void {
    const data: ErrorData = error.toData();
    this.send(id === undefined ? { t: 'error', error: data } : { t: 'error', id, error: data });
  }

  private send(frame: OutgoingFrame): void {
    if (this.closed) return;
    const text = JSON.stringify(frame);
    if (text.length <= maxReplyLength) {
      this.options.deliver(text);
      return;
    }
    const error = new LarderError('LIMIT_REACHED', 'The answer is too large to send.', {
      hint: 'Ask for less at a time.',
    });
    // A lost event shows as a gap in the sequence, after which the other side fetches anew.
    if (frame.t === 'result') this.refuse(error, frame.id);
  }
}

/** Settles when `work` does, or rejects at once when the caller gives up; what `work` then does is nobody's concern. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new LarderError('CANCELLED', 'Cancelled.');
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new LarderError('CANCELLED', 'Cancelled.'));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`)
    .join('; ');
}

/** The id of a frame too large to parse, so that its caller hears of it; read from the first characters only. */
function idOf(text: string): string | undefined {
  return /"id"\s*:\s*"([^"\\]{1,64})"/.exec(text.slice(0, 500))?.[1];
}

function idIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  return typeof value.id === 'string' && value.id.length > 0 && value.id.length <= 64 ? value.id : undefined;
}

function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
