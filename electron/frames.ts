import { LarderError } from '../shared/contract/index.ts';
import { callFrameSchema, maxCallLength, maxReplyLength } from '../shared/contract/frames.ts';
import type { CallFrame, ReplyFrame } from '../shared/contract/frames.ts';

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') throw new LarderError('INVALID_INPUT', 'A frame has to be text.');
  if (text.length > maxCallLength) {
    throw new LarderError('LIMIT_REACHED', `A frame of ${text.length} characters is longer than ${maxCallLength}.`, {
      hint: 'Choose fewer things at a time.',
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LarderError('INVALID_INPUT', 'A frame was not JSON.', { cause: error });
  }
}

/** Reads a call frame; throws `INVALID_INPUT` or `LIMIT_REACHED`. */
export function readCallFrame(text: unknown): CallFrame {
  const parsed = callFrameSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new LarderError('INVALID_INPUT', 'A call frame did not have the form of one.');
}

/**
 * The id of a frame that may be too long or too broken to read, so that its caller hears of it. Looked for in the first
 * characters only.
 */
export function callIdOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return /"id"\s*:\s*"([^"\\]{1,64})"/.exec(text.slice(0, 500))?.[1];
}

/** An error frame as text; `id` is absent when the frame it answers could not be read. */
export function errorReply(id: string | undefined, error: LarderError): string {
  return JSON.stringify({ t: 'error', ...(id === undefined ? {} : { id }), error: error.toData() });
}

/** A reply as text; one that is too long becomes an error, so that the window is never handed more than it may get. */
export function writeReply(id: string, reply: ReplyFrame): string {
  const text = JSON.stringify(reply);
  if (text.length <= maxReplyLength) return text;
  return errorReply(
    id,
    new LarderError('LIMIT_REACHED', 'The answer is too long to show.', { hint: 'Narrow the choice.' }),
  );
}
