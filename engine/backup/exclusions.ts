import type { Exclusion } from '../archive/index.ts';

/** Lines a reason gets; what is left out beyond them for the same reason is told in one line an area. */
const linesEach = 1_000;

/** What is left out on purpose, so that a rule which leaves out a million files does not make a list of a million. */
export class Exclusions {
  readonly #lines: Exclusion[] = [];
  readonly #counts = new Map<string, number>();
  readonly #folded = new Map<string, { path: string; reason: string; files: number; bytes: number }>();

  add(exclusion: Exclusion): void {
    const count = (this.#counts.get(exclusion.reason) ?? 0) + 1;
    this.#counts.set(exclusion.reason, count);
    if (count <= linesEach) this.#lines.push(exclusion);
    else this.fold(areaOf(exclusion.path), exclusion.reason, exclusion.files, exclusion.bytes);
  }

  /** Adds to the one line that tells of all that is left out below `path` for this reason. */
  fold(path: string, reason: string, files: number, bytes: number): void {
    const key = `${path}\0${reason}`;
    const line = this.#folded.get(key) ?? { path, reason, files: 0, bytes: 0 };
    line.files += files;
    line.bytes += bytes;
    this.#folded.set(key, line);
  }

  list(): Exclusion[] {
    return [...this.#lines, ...this.#folded.values()];
  }
}

function areaOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
