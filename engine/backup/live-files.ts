import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { captureSteps, headBytes } from '../capture/index.ts';
import type { Candidate } from '../capture/index.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';

/** A file written to this long before the walk is looked into: whoever writes may go on. */
const justNowNs = 60_000_000_000n;
/** Every database that is looked for comes in multiples of this. */
const blockBytes = 512n;

const readFlags =
  constants.O_RDONLY |
  ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0) |
  ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

interface Group {
  readonly step: string;
  readonly name: string;
  readonly beside: readonly string[];
}

/** Names of one folder that belong to live stores. */
export class LiveNames {
  readonly #groups: ReadonlyMap<string, Group>;

  private constructor(groups: ReadonlyMap<string, Group>) {
    this.#groups = groups;
  }

  /** Undefined when there are none, as in most folders. */
  static among(names: readonly string[]): LiveNames | undefined {
    const groups = new Map<string, Group>();
    for (const step of captureSteps) {
      for (const [name, beside] of step.find(names)) {
        const group = { step: step.name, name, beside };
        for (const each of [name, ...beside]) groups.set(each, group);
      }
    }
    return groups.size === 0 ? undefined : new LiveNames(groups);
  }

  group(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  /** All names of the group that `name` belongs to. */
  groupOf(name: string): string[] | undefined {
    const group = this.#groups.get(name);
    return group === undefined ? undefined : [group.name, ...group.beside];
  }
}

interface Noted extends Candidate {
  readonly beside: { path: string; bytes: number }[];
}

/** What a walk found that is to be copied through the program it belongs to. */
export class LiveFiles {
  readonly found: Noted[] = [];
  readonly #fs: FileSystem;
  readonly #justNowNs: bigint;
  readonly #byGroup = new Map<Group, Noted>();

  constructor(fs: FileSystem, nowMs: number) {
    this.#fs = fs;
    this.#justNowNs = BigInt(Math.floor(nowMs)) * 1_000_000n - justNowNs;
  }

  /**
   * Takes note of a file that is in. What lies beside a database comes after it in the walk's order. `look`: whether files
   * written just now are looked into.
   */
  note(
    folder: string,
    name: string,
    live: LiveNames | undefined,
    absolute: string,
    stats: BigIntStats,
    look: boolean,
  ): void {
    const path = folder === '' ? name : `${folder}/${name}`;
    const group = live?.group(name);
    if (group === undefined) {
      const step = look ? this.#stepOf(name, absolute, stats) : undefined;
      if (step !== undefined) this.found.push({ step, path, size: Number(stats.size), beside: [] });
    } else if (group.name === name) {
      const noted: Noted = { step: group.step, path, size: Number(stats.size), beside: [] };
      this.found.push(noted);
      this.#byGroup.set(group, noted);
    } else this.#byGroup.get(group)?.beside.push({ path, bytes: Number(stats.size) });
  }

  /** Which step a file written just now is for, by its first bytes. */
  #stepOf(name: string, absolute: string, { size, mtimeNs }: BigIntStats): string | undefined {
    if (mtimeNs < this.#justNowNs || size === 0n || size % blockBytes !== 0n) return undefined;
    const steps = captureSteps.filter((step) => step.suspects(name));
    if (steps.length === 0) return undefined;
    try {
      const fd = this.#fs.open(absolute, readFlags);
      try {
        const head = new Uint8Array(headBytes);
        const got = this.#fs.read(fd, head, 0, headBytes, 0);
        return steps.find((step) => step.recognises(head.subarray(0, got)))?.name;
      } finally {
        this.#fs.close(fd);
      }
    } catch (error) {
      // Then it is an ordinary file, and the writer tells what is wrong with it.
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
}
