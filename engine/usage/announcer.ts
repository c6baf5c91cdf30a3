import { Throttle } from './throttle.ts';

/** Paths kept for one announcement (contract: usage.changed). */
const announcedPaths = 50;

/** Gathers what changed and tells it now and then. */
export class Announcer {
  readonly #paths = new Set<string>();
  readonly #throttle: Throttle;

  constructor(everyMs: number, tell: (paths: readonly string[]) => void) {
    this.#throttle = new Throttle(everyMs, () => {
      const paths = [...this.#paths];
      this.#paths.clear();
      tell(paths);
    });
  }

  /** Something changed, in these directories as far as that can be said. */
  changed(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#paths.size >= announcedPaths) break;
      this.#paths.add(path);
    }
    this.#throttle.request();
  }

  /** For good. */
  stop(): void {
    this.#throttle.stop();
  }
}
