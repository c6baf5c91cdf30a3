import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnHeight, isStuck, movedTo, placeAt, scrolledTo, tallestDrawn, type TallExtent } from './tall-scroll.ts';

const million: TallExtent = { full: 30_000_000, window: 540 };
const lastAt = tallestDrawn - 540;
const start = { top: 0, at: 0, shift: 0 };

describe('scrolling through more than can be laid out', () => {
  it('is plain scrolling while it can', () => {
    const short: TallExtent = { full: 9_000, window: 540 };
    expect(drawnHeight(short.full)).toBe(9_000);
    expect(placeAt(120, short)).toEqual({ top: 120, at: 120, shift: 0 });
    expect(scrolledTo(8_000, start, short)).toMatchObject({ top: 8_000, at: 8_000 });
    expect(placeAt(50_000, short).top).toBe(8_460);
  });

  it('moves rows pixel by pixel in small steps', () => {
    const middle = placeAt(15_000_000, million);
    expect(scrolledTo(middle.at + 100, middle, million).top).toBeCloseTo(15_000_100);
    // Not by a hair, or every row would have to be moved with each step.
    let place = placeAt(12_345_678.9, million);
    const { shift } = place;
    for (let step = 0; step < 500; step += 1) place = scrolledTo(place.at + 3.3, place, million);
    expect(place.shift).toBe(shift);
    expect(place.top).toBeCloseTo(12_347_328.9);
  });

  it('reaches the last row and the first when the bar is dragged to an end', () => {
    expect(scrolledTo(lastAt, start, million)).toMatchObject({ top: 29_999_460, at: lastAt });
    expect(scrolledTo(0, movedTo(lastAt, placeAt(29_999_460, million)), million).top).toBe(0);
  });

  it('never leaves a person at an end of the bar that is not the end of the rows', () => {
    // Down by small steps until the rows end: the bar has moved five times too little.
    const nearEnd = movedTo(3_000_000, placeAt(29_999_400, million));
    const end = scrolledTo(nearEnd.at + 500, nearEnd, million);
    expect(end.top).toBe(29_999_460);
    expect(placeAt(end.top, million).at).toBe(lastAt);
    expect(isStuck({ ...start, top: 5_000 }, million)).toBe(true);
    expect(isStuck({ ...start, top: 5_000, at: lastAt }, million)).toBe(true);
    expect(isStuck(start, million)).toBe(false);
    expect(isStuck(placeAt(million.full, million), million)).toBe(false);
  });

  it('holds rows within the whole, whatever is done', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000_000 }),
        fc.array(fc.integer({ min: -4_000_000, max: 4_000_000 }), { maxLength: 30 }),
        (full, steps) => {
          const extent = { full, window: 540 };
          let place = placeAt(full / 3, extent);
          for (const step of steps) {
            const at = Math.max(0, Math.min(drawnHeight(full) - 540, place.at + step));
            place = scrolledTo(Math.max(0, at), place, extent);
            expect(place.top).toBeGreaterThanOrEqual(0);
            expect(place.top).toBeLessThanOrEqual(Math.max(0, full - 540));
            if (isStuck(place, extent)) place = placeAt(place.top, extent);
          }
        },
      ),
    );
  });
});
