import type { IncomingMessage } from 'node:http';
import { LarderError } from '../shared/contract/index.ts';
import type { Refusal } from './request-rules.ts';

function tooBig(limitBytes: number): Refusal {
  return {
    status: 413,
    error: new LarderError('LIMIT_REACHED', `The request is larger than ${limitBytes} bytes.`),
    // What is left of the body is not read, so the connection cannot be used again.
    headers: { connection: 'close' },
  };
}

/**
 * Reads a body of at most `limitBytes` as UTF-8 text.
 *
 * A length that is declared too big is refused before a byte is read; one that turns out too big, as soon as it does.
 */
export async function readText(request: IncomingMessage, limitBytes: number): Promise<string | Refusal> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) return tooBig(limitBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not `for await`: leaving that loop early would destroy the socket before the refusal is sent.
  const whole = await new Promise<boolean>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        request.removeAllListeners('data');
        request.pause();
        resolve(false);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(true));
    request.on('error', reject);
    request.on('close', () => reject(new LarderError('CANCELLED', 'The request was broken off.')));
  });
  if (!whole) return tooBig(limitBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return { status: 400, error: new LarderError('INVALID_INPUT', 'The request is not UTF-8 text.') };
  }
}

/** Parses JSON, or says that it is none. */
export function parseJson(text: string): { value: unknown } | Refusal {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { status: 400, error: new LarderError('INVALID_INPUT', 'The request is not valid JSON.') };
  }
}
