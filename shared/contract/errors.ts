import { z } from 'zod';

/**
 * The closed set of error codes that cross the contract.
 *
 * `INVALID_INPUT` the request itself is wrong; `NOT_FOUND` what it names is not there; `PERMISSION` the operating
 * system or Larder's own rules forbid it; `BUSY` another Larder or job holds it; `CHANGED_ON_DISK` the ground moved
 * between plan and apply; `NO_SPACE` the disk is full; `LIMIT_REACHED` a bound (frame size, rate, watches) was hit;
 * `CORRUPT` data on disk is damaged; `CANCELLED` the person stopped it; `UNSUPPORTED` this build or platform cannot;
 * `INTERNAL` a defect of Larder's.
 */
export const errorCodes = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'PERMISSION',
  'BUSY',
  'CHANGED_ON_DISK',
  'NO_SPACE',
  'LIMIT_REACHED',
  'CORRUPT',
  'CANCELLED',
  'UNSUPPORTED',
  'INTERNAL',
] as const;

export const errorCodeSchema = z.enum(errorCodes);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

export const errorDataSchema = z.strictObject({
  code: errorCodeSchema,
  /** What happened, to which path. One sentence, no stack. */
  message: z.string(),
  /** What the person can do next. */
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  /** Whether the same call may succeed later without a change of input. */
  retryable: z.boolean(),
});
export type ErrorData = z.infer<typeof errorDataSchema>;

export interface LarderErrorOptions {
  hint?: string | undefined;
  details?: Record<string, unknown> | undefined;
  retryable?: boolean | undefined;
  cause?: unknown;
}

/** The exception that stands for an {@link ErrorData} inside one process. */
export class LarderError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: LarderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LarderError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryable = options.retryable ?? (code === 'BUSY' || code === 'CHANGED_ON_DISK');
  }

  static fromData(data: ErrorData): LarderError {
    return new LarderError(data.code, data.message, data);
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
      retryable: this.retryable,
    };
  }
}

/** Whether `error` is a {@link LarderError}, of `code` when one is given. */
export function isLarderError(error: unknown, code?: ErrorCode): error is LarderError {
  return error instanceof LarderError && (code === undefined || error.code === code);
}
