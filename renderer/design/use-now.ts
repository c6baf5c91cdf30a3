import { useSyncExternalStore } from 'react';

const tickMs = 15_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of [...listeners]) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function snapshot(): number {
  // Nobody refreshed it without a running timer, or the machine slept. The same answer otherwise: React asks often.
  if (Date.now() - now > tickMs) now = Date.now();
  return now;
}

/** The time now, in ms, moving on every 15 s. One timer serves the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, snapshot);
}
