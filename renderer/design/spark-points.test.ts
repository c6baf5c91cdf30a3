import { describe, expect, it } from 'vitest';
import { sparkPoints } from './spark-points.ts';

const box = { from: 0, to: 100, width: 102, height: 14 };

describe('sparkPoints', () => {
  it('is nothing without points', () => {
    expect(sparkPoints([], box)).toBe('');
  });

  it('holds each value until the next and the last until the end', () => {
    const points = [
      { atMs: 0, value: 10 },
      { atMs: 50, value: 20 },
    ];
    expect(sparkPoints(points, box)).toBe('1,12 51,12 51,2 101,2');
  });

  it('is level in the middle when nothing moved', () => {
    expect(sparkPoints([{ atMs: 20, value: 7 }], box)).toBe('21,7 101,7');
  });

  it('keeps what lies before the span at its left end', () => {
    expect(sparkPoints([{ atMs: -40, value: 7 }], box)).toBe('1,7 101,7');
  });
});
