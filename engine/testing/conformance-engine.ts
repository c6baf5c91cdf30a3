import { LarderError } from '../../shared/contract/index.ts';
import { EventBus, PathGrants, Session } from '../dispatch/index.ts';
import type { AnyHandler } from '../dispatch/index.ts';
import { nodeFs } from '../fs/index.ts';

/**
 * A small engine for the conformance suite: the real session, bus and grants, with handlers that do on demand what a
 * carrier must survive. It borrows names of the contract; the contract itself is tested elsewhere.
 */
export function createConformanceEngine(): { open(deliver: (frame: string) => void): Session } {
  const bus = new EventBus(false);
  let aborted = 0;
  const settings = {
    theme: 'system',
    format: 'zst',
    verifyAfterBackup: true,
    undoDays: 7,
    healthScheduled: false,
    healthEveryHours: 6,
  } as const;
  const handlers = new Map<string, AnyHandler>([
    ['stores.probe', (input) => input],
    [
      'stores.remove',
      () => {
        throw new LarderError('NOT_FOUND', 'There is no store called x.', { hint: 'Add it.', details: { store: 'x' } });
      },
    ],
    [
      'stores.list',
      () => {
        throw new TypeError('secret internal text');
      },
    ],
    [
      'usage.get',
      (_input, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted += 1;
            reject(new Error('aborted'));
          });
        }),
    ],
    ['usage.disks', () => ({ aborted })],
    [
      'jobs.list',
      (input) => {
        const { limit } = input as { limit: number };
        for (let index = 0; index < limit; index += 1) bus.emit('backups.changed', { store: `s${index}` });
        return { jobs: [], more: false };
      },
    ],
    [
      'settings.get',
      () => {
        bus.emit('restore.changed', {});
        bus.emit('settings.changed', { settings });
        return settings;
      },
    ],
    ['system.doctor', () => process.exit(3)],
    ['system.browse', (input) => input],
  ]);
  return {
    open(deliver) {
      const stores = {
        list: () => [],
        get: () => {
          throw new LarderError('NOT_FOUND', 'There is no store.');
        },
        onChange: () => () => {},
      };
      return new Session({
        handlers,
        bus,
        grants: new PathGrants('any', nodeFs, stores),
        log: { info() {}, warn() {}, error() {} },
        validateOutput: false,
        // `restore.changed` is the event that gets lost on the way.
        deliver: (frame) => {
          if (!frame.includes('"name":"restore.changed"')) deliver(frame);
        },
      });
    },
  };
}
