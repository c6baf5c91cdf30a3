import { expect, it } from 'vitest';
import type { HealthCheck, HealthReport } from '../../shared/contract/index.ts';
import { countsOf, merged, scoreOf, summaryOf, withMutes } from './report.ts';

function result(id: string, status: HealthCheck['status'], rest: Partial<HealthCheck> = {}): HealthCheck {
  return { id, group: 'disk', status, title: id, evidence: 'x', why: 'y', ...rest };
}
const report = (...checks: HealthCheck[]): HealthReport => withMutes({ store: 's', atMs: 1, tookMs: 2, checks }, []);
const mute = (check: string, area = '') => ({ check, area, reason: 'known', sinceMs: 1 });

it('scores by weight, once a check, by its worst result, a warning half, and leaves out what cannot be told', () => {
  // disk.fill weighs 3, disk.inodes and disk.network 1.
  expect(scoreOf([result('disk.fill', 'pass'), result('disk.inodes', 'fail')])).toBe(75);
  expect(scoreOf([result('disk.fill', 'pass'), result('disk.inodes', 'warn')])).toBe(87);
  expect(scoreOf([result('disk.fill', 'pass'), result('disk.inodes', 'skip')])).toBe(100);
  expect(
    scoreOf([result('disk.fill', 'fail', { area: 'a' }), result('disk.fill', 'pass'), result('disk.inodes', 'pass')]),
  ).toBe(25);
  expect(scoreOf([])).toBe(100);
});

it('takes what is muted out of score, counts and ok, and only while it fails or warns', () => {
  const plain = report(result('disk.fill', 'fail'), result('disk.inodes', 'pass'));
  expect(plain).toMatchObject({ ok: false, score: 25, counts: { pass: 1, fail: 1, muted: 0 } });
  const muted = withMutes(plain, [mute('disk.fill'), mute('disk.inodes')]);
  expect(muted).toMatchObject({ ok: true, score: 100, counts: { pass: 1, fail: 0, muted: 1 } });
  expect(muted.checks[0]?.muted).toEqual({ reason: 'known', sinceMs: 1 });
  expect(muted.checks[1]?.muted).toBeUndefined();
  expect(withMutes(muted, []).ok).toBe(false);
});

it('mutes one area of a check, or all of them', () => {
  const checks = [
    result('structure.required', 'fail', { area: 'a' }),
    result('structure.required', 'fail', { area: 'b' }),
  ];
  expect(withMutes(report(...checks), [mute('structure.required', 'a')]).counts).toMatchObject({ fail: 1, muted: 1 });
  expect(withMutes(report(...checks), [mute('structure.required')]).counts).toMatchObject({ fail: 0, muted: 2 });
});

it('takes fresh results into a whole report, in its order', () => {
  const before = report(result('structure.root', 'pass'), result('disk.fill', 'fail'), result('disk.inodes', 'pass'));
  const now = merged(before, report(result('disk.fill', 'pass')));
  expect(now.checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'structure.root pass',
    'disk.fill pass',
    'disk.inodes pass',
  ]);
});

it('sums up what fails, each title once', () => {
  const failing = report(result('disk.fill', 'fail', { area: 'a' }), result('disk.fill', 'fail', { area: 'b' }));
  expect(summaryOf(failing)).toMatchObject({ ok: false, failing: ['disk.fill'] });
  expect(countsOf(failing.checks)).toEqual({ pass: 0, warn: 0, fail: 2, skip: 0, muted: 0 });
});
