import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../shared/client/index.ts';
import type { Client, Transport } from '../../shared/client/index.ts';
import { isLarderError } from '../../shared/contract/index.ts';
import type { ErrorData, LarderError } from '../../shared/contract/index.ts';
import { maxCallLength } from '../../shared/contract/frames.ts';

/** One carrier set up over the conformance engine. */
export interface CarrierUnderTest {
  readonly transport: Transport;
  /** Puts `text` on the wire as if a client had sent it, and returns the error it is answered with. */
  sendRaw(text: unknown): Promise<ErrorData>;
  close(): Promise<void>;
}

export interface CarrierTraits {
  readonly name: string;
  /** Whether the engine runs in a thread of its own, so that it can die under the carrier and come back. */
  readonly ownThread: boolean;
}

/** What every carrier promises. Called once for each, in a test file of its own. */
export function describeCarrier({ name, ownThread }: CarrierTraits, setUp: () => Promise<CarrierUnderTest>): void {
  describe(`carrier: ${name}`, () => {
    let carrier: CarrierUnderTest;
    let client: Client;

    beforeEach(async () => {
      carrier = await setUp();
      client = createClient(carrier.transport);
      await connected(client);
    });

    afterEach(async () => {
      client.close();
      await carrier.close();
    });

    it('answers a call with what the handler returned, names that are not UTF-8 included', async () => {
      const path = '/data/\udcff\udc80 naïve 日本\n"\\';
      await expect(client.call('stores.probe', { path })).resolves.toEqual({ path });
    });

    it('keeps answers apart when many calls are under way', async () => {
      const paths = Array.from({ length: 200 }, (_, index) => `/p${index}`);
      const answers = await Promise.all(paths.map((path) => client.call('stores.probe', { path })));
      expect(answers.map((answer) => answer.path)).toEqual(paths);
    });

    it('carries an error with its code, hint and details', async () => {
      const error = await failure(client.call('stores.remove', { store: 'x' }));
      expect(error.toData()).toEqual({
        code: 'NOT_FOUND',
        message: 'There is no store called x.',
        hint: 'Add it.',
        details: { store: 'x' },
        retryable: false,
      });
    });

    it('turns a defect into INTERNAL without a stack', async () => {
      const error = await failure(client.call('stores.list', {}));
      expect(error.code).toBe('INTERNAL');
      expect(JSON.stringify(error.toData())).not.toContain('conformance-engine');
    });

    it('refuses input the contract does not allow, naming the field', async () => {
      const error = await failure(client.call('stores.probe', { path: '/x', surprise: 1 } as never));
      expect(error.code).toBe('INVALID_INPUT');
      expect(error.message).toContain('surprise');
    });

    it('refuses a procedure that does not exist', async () => {
      const error = await failure(client.call('stores.destroy' as 'stores.list', {}));
      expect(error.code).toBe('INVALID_INPUT');
    });

    it('cancels a call and tells the handler', async () => {
      const controller = new AbortController();
      const call = client.call('usage.get', { store: 's' }, { signal: controller.signal });
      // A second call proves that the first one has arrived before it is cancelled.
      await client.call('stores.probe', { path: '/x' });
      controller.abort();
      expect((await failure(call)).code).toBe('CANCELLED');
      await until(async () => ((await client.call('usage.disks', {})) as unknown as { aborted: number }).aborted === 1);
    });

    it('does not send a call that was cancelled before', async () => {
      const error = await failure(client.call('stores.probe', { path: '/x' }, { signal: AbortSignal.abort() }));
      expect(error.code).toBe('CANCELLED');
    });

    it('delivers events in order and none twice', async () => {
      const heard: (string | undefined)[] = [];
      let gaps = 0;
      client.on('backups.changed', ({ store }) => heard.push(store));
      client.onGap(() => (gaps += 1));
      await client.call('jobs.list', { limit: 300 });
      await until(() => heard.length >= 300);
      expect(heard).toEqual(Array.from({ length: 300 }, (_, index) => `s${index}`));
      expect(gaps).toBe(0);
    });

    it('notices a lost event', async () => {
      let gaps = 0;
      const heard: string[] = [];
      client.onGap(() => (gaps += 1));
      client.on('settings.changed', ({ settings }) => heard.push(settings.theme));
      await client.call('settings.get', {});
      await until(() => heard.length > 0);
      expect(gaps).toBe(1);
      expect(heard).toEqual(['system']);
    });

    it.each([
      ['text that is not JSON', '{"t":"call",'],
      ['a JSON value that is no frame', '42'],
      ['an unknown kind of frame', '{"t":"shout"}'],
      ['a call without an id', '{"t":"call","name":"stores.list","input":{}}'],
      ['a call with a key too many', '{"t":"call","id":"a","name":"stores.list","input":{},"admin":true}'],
    ])('refuses %s and goes on', async (_title, text) => {
      expect((await carrier.sendRaw(text)).code).toBe('INVALID_INPUT');
      await expect(client.call('stores.probe', { path: '/x' })).resolves.toEqual({ path: '/x' });
    });

    it('refuses a frame that is too large and goes on', async () => {
      const text = JSON.stringify({
        t: 'call',
        id: 'big',
        name: 'stores.probe',
        input: { path: 'x'.repeat(maxCallLength) },
      });
      expect((await carrier.sendRaw(text)).code).toBe('LIMIT_REACHED');
      await expect(client.call('stores.probe', { path: '/x' })).resolves.toEqual({ path: '/x' });
    });

    const whereItCanDie = ownThread ? it : () => {};
    whereItCanDie('survives the death of the engine: calls fail as retryable, the gap is told', async () => {
      let gaps = 0;
      const states: string[] = [];
      client.onGap(() => (gaps += 1));
      client.onConnection((connection) => states.push(connection));
      const waiting = client.call('usage.get', { store: 's' });
      const dying = client.call('system.doctor', {});
      for (const error of [await failure(waiting), await failure(dying)]) {
        expect(error.retryable).toBe(true);
      }
      await until(() => client.connection === 'connected' && gaps > 0);
      expect(states).toEqual(['disconnected', 'connected']);
      await expect(client.call('stores.probe', { path: '/x' })).resolves.toEqual({ path: '/x' });
    });

    it('sends nothing after close', async () => {
      client.close();
      expect((await failure(client.call('stores.probe', { path: '/x' }))).code).toBe('INTERNAL');
    });
  });
}

/** Resolves once the client has heard the engine's hello. */
export function connected(client: Client): Promise<void> {
  return until(() => client.connection === 'connected');
}

/** Waits for a condition, looking again after each turn of the event loop; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

async function failure(call: Promise<unknown>): Promise<LarderError> {
  const error: unknown = await call.then(
    () => {
      throw new Error('The call was expected to fail.');
    },
    (reason: unknown) => reason,
  );
  if (!isLarderError(error)) throw error;
  return error;
}
