export interface SparkPoint {
  atMs: number;
  value: number;
}

/**
 * A figure over time as `points` of an SVG polyline. A value holds until the next point and the last one until `to`;
 * what never moved is a level line in the middle.
 */
export function sparkPoints(
  points: readonly SparkPoint[],
  { from, to, width, height }: { from: number; to: number; width: number; height: number },
): string {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || to <= from) return '';
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const margin = 2;
  const x = (atMs: number): number => Math.max(0, Math.min(1, (atMs - from) / (to - from))) * (width - 2) + 1;
  const y = (value: number): number =>
    high === low ? height / 2 : height - margin - ((value - low) / (high - low)) * (height - 2 * margin);
  const corners: [number, number][] = [];
  let before: number | undefined;
  for (const { atMs, value } of points) {
    if (before !== undefined && before !== value) corners.push([x(atMs), y(before)]);
    corners.push([x(atMs), y(value)]);
    before = value;
  }
  corners.push([x(to), y(last.value)]);
  return corners.map(([left, top]) => `${round(left)},${round(top)}`).join(' ');
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
