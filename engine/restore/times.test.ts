import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { temporaryFolder } from '../testing/index.ts';
import { microseconds, sameTime, toSeconds } from './times.ts';

it('rounds down, also before 1970', () => {
  expect([microseconds(1999n), microseconds(-1n), microseconds(-1000n), microseconds(0n)]).toEqual([1n, -1n, -1n, 0n]);
});

it('sets any time to the microsecond on a real file, until doubles are too coarse in 2242', () => {
  const folder = temporaryFolder();
  try {
    const path = join(folder.path, 'file');
    nodeFs.close(nodeFs.open(path, 'w'));
    // ext4 holds 1901 to 2446.
    const times = fc.bigInt({ min: -2_147_483_648_000_000_000n, max: 15_000_000_000_000_000_000n });
    const set = (ns: bigint): void => {
      nodeFs.lutimes(path, 0, toSeconds(ns));
      const found = nodeFs.lstat(path).mtimeNs;
      expect(sameTime(ns, found)).toBe(true);
      if (ns < 2n ** 33n * 1_000_000_000n) expect(microseconds(found)).toBe(microseconds(ns));
    };
    fc.assert(fc.property(times, set), { numRuns: 2000 });
    for (const ns of [0n, -1n, 1n, -999_999_999n, 1_700_000_000_123_456_000n, 1_700_000_000_999_999_999n]) set(ns);
  } finally {
    folder.remove();
  }
});
