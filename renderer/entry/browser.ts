import { createClient, createHttpTransport, type Host } from '../../shared/client/index.ts';
import { errorFrameSchema } from '../../shared/contract/frames.ts';
import { LarderError } from '../../shared/contract/index.ts';
import type { Services } from '../data/index.ts';

const mutation = { 'content-type': 'application/json', 'x-larder-csrf': '1' };

/** The single-use code in a sign-in address (`#code=…`); undefined when there is none. */
export function codeInFragment(fragment: string): string | undefined {
  const match = /^#code=([^&]+)$/.exec(fragment);
  if (match?.[1] === undefined) return undefined;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

/** Throws the error of a refused answer, or one that says the server cannot be reached. */
async function ask(path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin' });
  } catch (error) {
    throw new LarderError('INTERNAL', 'Larder cannot be reached.', {
      hint: 'Check that larder serve still runs.',
      retryable: true,
      cause: error,
    });
  }
  const body: unknown = await response.json().catch(() => undefined);
  const refused = errorFrameSchema.safeParse(body);
  if (refused.success) throw LarderError.fromData(refused.data.error);
  if (!response.ok) throw new LarderError('INTERNAL', `Larder answered ${response.status}.`, { retryable: true });
  return body;
}

/** Whether this browser has a session. */
export async function isSignedIn(): Promise<boolean> {
  const body = await ask('api/session', { method: 'GET' });
  return typeof body === 'object' && body !== null && 'signedIn' in body && body.signedIn === true;
}

/** Exchanges a code for a session. Throws `LarderError`, for example when the code was used already. */
export async function signIn(code: string): Promise<void> {
  await ask('api/sign-in', { method: 'POST', headers: mutation, body: JSON.stringify({ code }) });
}

/** The services of a browser that talks to `larder serve`. `onSignedOut` is told when the session has ended. */
export function browserServices(onSignedOut: () => void): Services {
  const client = createClient(
    createHttpTransport({
      base: '',
      fetch: (url, { method, headers, body, signal }) =>
        fetch(url, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
          signal: signal as AbortSignal,
          credentials: 'same-origin',
        }),
      abortController: () => new AbortController(),
      textDecoder: () => new TextDecoder(),
      after: (delayMs, work) => void setTimeout(work, delayMs),
      headers: { 'x-larder-tab': crypto.randomUUID() },
      onSignedOut,
    }),
  );
  const host: Host = {
    kind: 'browser',
    signOut: async () => {
      await ask('api/sign-out', { method: 'POST', headers: mutation, body: '{}' });
      onSignedOut();
    },
  };
  return { client, host };
}
