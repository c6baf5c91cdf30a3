import path from 'node:path';

/**
 * Whether `inner` is `outer` or lies below it. Told by the way from one to the other, so that a sibling folder of a
 * similar name is not taken for a part. Links are not looked at: pass real paths where that matters.
 */
export function isWithin(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
