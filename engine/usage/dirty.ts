/**
 * Directories waiting to be read again.
 *
 * Each is read at most once however many events name it. One that takes long to read (a hundred thousand files) is put
 * off in proportion, so that a log growing in it does not keep a core busy.
 */
export class DirtySet {
  readonly #paths = new Set<string>();
  /** When a slow directory may be read next, by the monotonic clock. */
  readonly #notBefore = new Map<string, number>();

  get size(): number {
    return this.#paths.size;
  }

  add(path: string): void {
    this.#paths.add(path);
  }

  /** Takes what may be read at `now`, at most `limit`, parents before what is below them. */
  take(now: number, limit: number): string[] {
    const taken: string[] = [];
    for (const path of this.#paths) {
      const notBefore = this.#notBefore.get(path);
      if (notBefore !== undefined && notBefore > now) continue;
      this.#notBefore.delete(path);
      taken.push(path);
      if (taken.length >= limit) break;
    }
    for (const path of taken) this.#paths.delete(path);
    return taken.sort((a, b) => a.length - b.length);
  }

  /** When the next directory may be read; undefined when none waits. */
  nextAt(): number | undefined {
    let next: number | undefined;
    for (const path of this.#paths) next = Math.min(next ?? Infinity, this.#notBefore.get(path) ?? 0);
    return next;
  }

  putOff(path: string, until: number): void {
    this.#notBefore.set(path, until);
  }

  forget(path: string): void {
    this.#paths.delete(path);
    this.#notBefore.delete(path);
  }

  clear(): void {
    this.#paths.clear();
    this.#notBefore.clear();
  }
}
