export interface BarPart {
  id: string;
  label: string;
  bytes: number;
  /** Token of its colour, `--role-model`; absent for what is empty (free space). */
  color?: `--${string}` | undefined;
  /** Figure to show instead of `formatBytes(bytes)`, so that shown figures add up. */
  shown?: string;
}

/** Parts below this share of the whole are drawn as one sliver; each with its least width would look like far more. */
const sliverBelow = 0.003;

/**
 * The parts as they are drawn: without empty ones, and with those too small to see folded into the largest of them,
 * at its place. The sum stays the same.
 */
export function drawnParts(parts: readonly BarPart[]): readonly BarPart[] {
  const there = parts.filter((part) => part.bytes > 0);
  const whole = there.reduce((sum, part) => sum + part.bytes, 0);
  const small = there.filter((part) => part.bytes < whole * sliverBelow);
  if (small.length < 2) return there;
  const largest = small.reduce((best, part) => (part.bytes > best.bytes ? part : best));
  const sliver: BarPart = {
    ...largest,
    label: small.map((part) => part.label).join(', '),
    bytes: small.reduce((sum, part) => sum + part.bytes, 0),
  };
  // Its own figure would be that of one part only.
  delete sliver.shown;
  return there.flatMap((part) => (part === largest ? [sliver] : small.includes(part) ? [] : [part]));
}
