import { expect, test } from 'vitest';
import type { Verification } from '../../shared/contract/index.ts';
import { joined, nothingVerified, shownOf, verifiedSchema, withFinding } from './verified.ts';
import type { Verified } from './verified.ts';

type Step = readonly [mode: Verification['mode'], atMs: number, ok?: boolean, covered?: number];

function after(steps: readonly Step[], before: Verified = nothingVerified): Verified {
  return steps.reduce<Verified>((known, [mode, atMs, ok = true, covered]) => {
    const verification = { mode, atMs, ok, ...(covered === undefined ? {} : { covered }) };
    const sample = mode === 'sample' ? { layout: 'l', at: atMs } : undefined;
    const next = withFinding(known, { verification, archives: ok ? [] : [`${mode}.tar`], sample });
    expect(verifiedSchema.parse(JSON.parse(JSON.stringify(next)))).toEqual(next);
    return next;
  }, before);
}

const shown = (...steps: Step[]): Verification | undefined => shownOf(after(steps));

test('the strongest is shown, the newest of equal ones', () => {
  expect(shown()).toBeUndefined();
  expect(shown(['deep', 1], ['sample', 2, true, 0.4], ['quick', 3])).toEqual({ mode: 'deep', atMs: 1, ok: true });
  expect(shown(['deep', 1], ['deep', 4], ['written', 5])).toMatchObject({ mode: 'deep', atMs: 4 });
  expect(shown(['written', 1], ['sample', 2, true, 0.4])).toMatchObject({ mode: 'sample', covered: 0.4 });
  expect(shown(['quick', 1], ['sample', 2, true, 0.4])).toMatchObject({ mode: 'quick' });
  expect(shown(['quick', 1], ['sample', 2, true, 1])).toMatchObject({ mode: 'sample', covered: 1 });
});

test('damage stands until something as thorough finds none, and what passed before it never counts again', () => {
  expect(shown(['deep', 1], ['quick', 2, false])).toEqual({ mode: 'quick', atMs: 2, ok: false });
  expect(shown(['deep', 1], ['quick', 2, false], ['sample', 3, true, 0.5])).toMatchObject({ mode: 'quick', ok: false });
  expect(shown(['deep', 1], ['quick', 2, false], ['quick', 3])).toEqual({ mode: 'quick', atMs: 3, ok: true });
  expect(shown(['deep', 1, false], ['quick', 2])).toMatchObject({ mode: 'deep', ok: false });
  expect(shown(['deep', 1, false], ['quick', 2, false], ['quick', 3])).toMatchObject({ mode: 'deep', ok: false });
  expect(
    after([
      ['deep', 1, false],
      ['quick', 2, false],
    ]).damage?.archives,
  ).toEqual(['deep.tar', 'quick.tar']);
  expect(shown(['deep', 1, false], ['quick', 2, false], ['deep', 3])).toMatchObject({ mode: 'deep', ok: true });
});

test('what two know is joined, whichever comes first and however often', () => {
  const deep = after([['deep', 1]]);
  const damaged = after([['quick', 2, false]]);
  const repaired = after([['quick', 3]], damaged);
  const sampled = after([['sample', 5, true, 0.7]]);
  for (const [a, b, mode, ok] of [
    [deep, damaged, 'quick', false],
    [deep, repaired, 'quick', true],
    [damaged, repaired, 'quick', true],
    [deep, sampled, 'deep', true],
  ] as const) {
    expect(shownOf(joined(a, b))).toMatchObject({ mode, ok });
    expect(joined(b, a)).toEqual(joined(a, b));
    expect(joined(joined(a, b), b)).toEqual(joined(a, b));
  }
  const older = after([['sample', 4, true, 0.3]]);
  expect(joined(sampled, older).sample).toEqual({ atMs: 5, layout: 'l', at: 5, covered: 0.7 });
});

test('where samples ended outlives other verifications', () => {
  expect(
    after([
      ['sample', 1, true, 0.2],
      ['deep', 2],
      ['quick', 3, false],
    ]).sample?.covered,
  ).toBe(0.2);
});
