import { z } from 'zod';
import { errorDataSchema } from './errors.ts';

/**
 * What goes over every carrier: one JSON text a frame.
 *
 * Frames are text on all carriers, also where objects could be passed, so that size limits, malformed input and
 * non-JSON values behave the same everywhere.
 */

/** Longest call or cancel frame, in UTF-16 code units. A restore of 100,000 chosen paths fits. */
export const maxCallLength = 8 * 1024 * 1024;
/** Longest reply or event frame, in UTF-16 code units. */
export const maxReplyLength = 64 * 1024 * 1024;

export const callFrameSchema = z.strictObject({
  t: z.literal('call'),
  /** Chosen by the caller, unique among its unanswered calls. */
  id: z.string().min(1).max(64),
  name: z.string().max(100),
  input: z.unknown(),
});
export type CallFrame = z.infer<typeof callFrameSchema>;

export const cancelFrameSchema = z.strictObject({ t: z.literal('cancel'), id: z.string().min(1).max(64) });
export type CancelFrame = z.infer<typeof cancelFrameSchema>;

/** Starts or ends the flow of events; a start is answered by a hello. Carriers with their own way (SSE) do not use it. */
export const subscribeFrameSchema = z.strictObject({ t: z.literal('subscribe') });
export const unsubscribeFrameSchema = z.strictObject({ t: z.literal('unsubscribe') });

/** From client to engine. */
export const requestFrameSchema = z.discriminatedUnion('t', [
  callFrameSchema,
  cancelFrameSchema,
  subscribeFrameSchema,
  unsubscribeFrameSchema,
]);
export type RequestFrame = z.infer<typeof requestFrameSchema>;

export const resultFrameSchema = z.strictObject({ t: z.literal('result'), id: z.string(), output: z.unknown() });
export const errorFrameSchema = z.strictObject({
  t: z.literal('error'),
  /** Absent when the frame it answers could not be read. */
  id: z.string().optional(),
  error: errorDataSchema,
});
export const replyFrameSchema = z.discriminatedUnion('t', [resultFrameSchema, errorFrameSchema]);
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

/**
 * First frame of a subscription. `epoch` names one life of the engine; `seq` is the number of its newest event, so that
 * the next one must be `seq + 1`.
 */
export const helloFrameSchema = z.strictObject({ t: z.literal('hello'), epoch: z.string(), seq: z.number().int() });
export type HelloFrame = z.infer<typeof helloFrameSchema>;

export const eventFrameSchema = z.strictObject({
  t: z.literal('event'),
  seq: z.number().int(),
  name: z.string(),
  data: z.unknown(),
});
export type EventFrame = z.infer<typeof eventFrameSchema>;

/** The carrier lost the engine; sent by a shell, never by an engine. */
export const disconnectedFrameSchema = z.strictObject({ t: z.literal('disconnected'), reason: z.string() });
export type DisconnectedFrame = z.infer<typeof disconnectedFrameSchema>;

/** From engine to client. */
export const outgoingFrameSchema = z.discriminatedUnion('t', [
  resultFrameSchema,
  errorFrameSchema,
  helloFrameSchema,
  eventFrameSchema,
  disconnectedFrameSchema,
]);
export type OutgoingFrame = z.infer<typeof outgoingFrameSchema>;
