/**
 * Scrolling through more than a browser can lay out. Engines draw elements of at most some 16 to 33 million pixels, a
 * million rows of 30 px are 30 million, and zoom makes them more. A list that is taller is therefore given less height
 * than it has: small steps move its rows pixel by pixel, and a large one, such as dragging the bar, goes to the same share
 * of the whole.
 */

/** Height of what is scrolled, in CSS pixels, beyond which it is given less than it has. */
export const tallestDrawn = 6_000_000;
/** A step of more than so many windows is a jump. */
const jumpWindows = 4;

/** Heights in CSS pixels. */
export interface TallExtent {
  /** Of all rows. */
  readonly full: number;
  /** Of what is seen at once. */
  readonly window: number;
}

export interface TallPlace {
  /** How far down the rows are: pixel of all rows at the upper edge of the window. */
  readonly top: number;
  /** How far down the element is: its `scrollTop`. */
  readonly at: number;
  /** From a pixel of all rows to one of the element. Exactly the same from one small step to the next. */
  readonly shift: number;
}

function place(top: number, at: number): TallPlace {
  return { top, at, shift: at - top };
}

/** The height the element is given. */
export function drawnHeight(full: number): number {
  return Math.min(full, tallestDrawn);
}

function lastTop({ full, window }: TallExtent): number {
  return Math.max(0, full - window);
}

function lastAt({ full, window }: TallExtent): number {
  return Math.max(0, drawnHeight(full) - window);
}

/** The place at which rows begin with pixel `top`, the bar standing at the same share. */
export function placeAt(top: number, extent: TallExtent): TallPlace {
  const within = Math.max(0, Math.min(lastTop(extent), top));
  if (extent.full <= tallestDrawn) return place(within, within);
  return place(within, (within / lastTop(extent)) * lastAt(extent));
}

/** Where the rows are after the element was scrolled to `at`. */
export function scrolledTo(at: number, before: TallPlace, extent: TallExtent): TallPlace {
  if (extent.full <= tallestDrawn) return place(at, at);
  if (Math.abs(at - before.at) > jumpWindows * extent.window) {
    return place((at / lastAt(extent)) * lastTop(extent), at);
  }
  const top = at - before.shift;
  return top < 0 || top > lastTop(extent)
    ? place(Math.max(0, Math.min(lastTop(extent), top)), at)
    : { top, at, shift: before.shift };
}

/** The same rows where the browser put the element, which is not always where it was asked to. */
export function movedTo(at: number, { top }: TallPlace): TallPlace {
  return place(top, at);
}

/** Whether the bar must be put right at once: it is at an end and the rows are not, so nobody could scroll on. */
export function isStuck({ top, at }: TallPlace, extent: TallExtent): boolean {
  return (at <= 0 && top > 0) || (at >= lastAt(extent) && top < lastTop(extent));
}
