/** File times as bigints of nanoseconds, and as the doubles of seconds that Node's calls take. */

const second = 1_000_000_000n;

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Microseconds since the epoch, rounded down: what two times are compared by. */
export function microseconds(ns: bigint): bigint {
  return floorDivide(ns, 1000n);
}

/** The nanoseconds that libuv 1.52 makes of a double (`uv__fs_to_timespec`: whole seconds cut off, the rest times 1e9). */
function nanosecondsOf(seconds: number): bigint {
  const whole = Math.trunc(seconds);
  return BigInt(whole) * second + BigInt(Math.trunc((seconds - whole) * 1e9));
}

/**
 * Whether a file has the time wanted, as exactly as it can be set: to the microsecond until the year 2242, from where on
 * a double of seconds is coarser.
 */
export function sameTime(wantedNs: bigint, foundNs: bigint): boolean {
  return microseconds(wantedNs) === microseconds(foundNs) || nanosecondsOf(toSeconds(wantedNs)) === foundNs;
}

/**
 * Seconds for `lutimes` such that the time set equals `ns` as {@link sameTime} says. The nearest double may fall just short of
 * the microsecond meant, and is then moved into its middle.
 */
export function toSeconds(ns: bigint): number {
  const whole = floorDivide(ns, second);
  const nearest = Number(whole) + Number(ns - whole * second) / 1e9;
  if (microseconds(nanosecondsOf(nearest)) === microseconds(ns)) return nearest;
  const middle = microseconds(ns) * 1000n + 500n;
  const wholeOfMiddle = floorDivide(middle, second);
  return Number(wholeOfMiddle) + Number(middle - wholeOfMiddle * second) / 1e9;
}
