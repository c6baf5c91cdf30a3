import { comparePaths } from '../../shared/path-text.ts';
import { decodeName } from '../fs/index.ts';
import type { LinkedShown } from './counted-links.ts';
import { joinRelative } from './read-directory.ts';
import { EntryCursor, header, sparseBytes } from './record.ts';
import { entriesAStep } from './slices.ts';
import type { Steps } from './slices.ts';
import type { Snapshot } from './snapshot.ts';
import type { UsageTree } from './tree.ts';

/** A part of what lies below a folder. `files` counts names, sizes count each file once. */
export interface Share {
  bytes: number;
  allocated: number;
  files: number;
}

export interface LargeFile {
  path: string;
  bytes: number;
  allocated: number;
  mtimeMs: number;
  hardLinked: boolean;
  sparse: boolean;
}

export interface Details {
  largest: LargeFile[];
  types: (Share & { type: string })[];
  ages: (Share & { age: AgeName })[];
}

const dayMs = 24 * 3_600_000;
/** Upper ends of the age groups. */
const ageGroups = [
  { age: 'day', upToMs: dayMs },
  { age: 'week', upToMs: 7 * dayMs },
  { age: 'month', upToMs: 30 * dayMs },
  { age: 'quarter', upToMs: 90 * dayMs },
  { age: 'year', upToMs: 365 * dayMs },
  { age: 'older', upToMs: Infinity },
] as const;
export type AgeName = (typeof ageGroups)[number]['age'];

/** Types listed; the rest is folded. */
const listedTypes = 50;
/** Longer "extensions" are parts of names. */
const longestType = 16;
const dot = 0x2e;

const noShare = (): Share => ({ bytes: 0, allocated: 0, files: 0 });

function addTo(share: Share, bytes: number, allocated: number): void {
  share.bytes += bytes;
  share.allocated += allocated;
  share.files++;
}

/** Sums by extension. Up to six bytes make the key without a string. */
class Types {
  readonly #short = new Map<number, Share>();
  readonly #long = new Map<string, Share>();

  of(buffer: Buffer, start: number, end: number): Share {
    const first = Math.max(start + 1, end - longestType - 1);
    let at = end - 1;
    while (at >= first && buffer[at] !== dot) at--;
    // A leading dot hides a file and begins no extension.
    const from = at >= first ? at + 1 : end;
    if (end - from > 6) return this.#ofLong(buffer, from, end);
    let key = 0;
    for (let index = from; index < end; index++) {
      const byte = buffer[index] ?? 0;
      if (byte > 127) return this.#ofLong(buffer, from, end);
      key = key * 256 + (byte >= 65 && byte <= 90 ? byte + 32 : byte);
    }
    let share = this.#short.get(key);
    if (share === undefined) this.#short.set(key, (share = noShare()));
    return share;
  }

  #ofLong(buffer: Buffer, from: number, end: number): Share {
    const type = decodeName(buffer.subarray(from, end)).toLowerCase();
    let share = this.#long.get(type);
    if (share === undefined) this.#long.set(type, (share = noShare()));
    return share;
  }

  *all(): Generator<Share & { type: string }> {
    for (const [key, share] of this.#short) {
      let type = '';
      for (let rest = key; rest > 0; rest = Math.floor(rest / 256)) type = String.fromCharCode(rest % 256) + type;
      yield { type, ...share };
    }
    for (const [type, share] of this.#long) yield { type, ...share };
  }
}

interface Candidate {
  bytes: number;
  allocated: number;
  mtimeMs: number;
  hardLinked: boolean;
  /** Directory in the snapshot. */
  directory: number;
  name: Buffer;
}

/** The largest so far; holds a few times `limit` and is cut back now and then. */
class Largest {
  readonly #limit: number;
  #kept: Candidate[] = [];
  /** Files no larger than this are not among the largest. */
  floor = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(candidate: Candidate): void {
    this.#kept.push(candidate);
    if (this.#kept.length >= this.#limit * 2 + 256) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.bytes - a.bytes);
    this.#kept.length = Math.min(this.#kept.length, this.#limit);
    if (this.#kept.length === this.#limit) this.floor = this.#kept.at(-1)?.bytes ?? -1;
  }

  list(snapshot: Snapshot): LargeFile[] {
    return this.#kept
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, this.#limit)
      .map(({ directory, name, bytes, allocated, mtimeMs, hardLinked }) => ({
        path: joinRelative(snapshot.path(directory), decodeName(name)),
        bytes,
        allocated,
        mtimeMs,
        hardLinked,
        sparse: sparseBytes(bytes, allocated) > 0,
      }))
      .sort((a, b) => b.bytes - a.bytes || comparePaths(a.path, b.path));
  }
}

/** Largest files below a directory, and the sums of files by type and by age at `nowMs`. */
export function* detailsOf(tree: UsageTree, id: number, limit: number, nowMs: number): Steps<Details> {
  const snapshot = yield* tree.snapshot(id);
  const types = new Types();
  const largest = new Largest(limit);
  const ages = ageGroups.map(({ age, upToMs }) => ({ age, upToMs, share: noShare() }));
  const [day, week, month, quarter, year, older] = ages.map(({ share }) => share) as [
    Share,
    Share,
    Share,
    Share,
    Share,
    Share,
  ];
  const [dayEnd, weekEnd, monthEnd, quarterEnd, yearEnd] = ages.map(({ upToMs }) => nowMs - upToMs) as [
    number,
    number,
    number,
    number,
    number,
  ];
  let left = entriesAStep;
  for (let directory = 0; directory < snapshot.size; directory++) {
    const buffer = snapshot.buffer(directory);
    const at = snapshot.at(directory);
    const cursor = new EntryCursor(buffer, at);
    let linked: ReadonlyMap<number, LinkedShown> | undefined;
    if (header.linked(buffer, at) > 0) linked = yield* tree.linkedShown(snapshot.id(directory), { buffer, at });
    for (let index = 0; cursor.next(); index++) {
      if (--left <= 0) {
        left = entriesAStep;
        yield;
      }
      if (cursor.kind !== 'file') continue;
      let { bytes, mtimeMs } = cursor;
      let allocated = cursor.blocks * 512;
      const hardLinked = cursor.links !== undefined;
      if (hardLinked) {
        const shown = linked?.get(index);
        bytes = shown?.bytes ?? 0;
        allocated = shown?.allocated ?? 0;
        mtimeMs = shown?.newest ?? mtimeMs;
      }
      addTo(types.of(buffer, cursor.nameStart, cursor.nameEnd), bytes, allocated);
      const age =
        mtimeMs >= dayEnd
          ? day
          : mtimeMs >= weekEnd
            ? week
            : mtimeMs >= monthEnd
              ? month
              : mtimeMs >= quarterEnd
                ? quarter
                : mtimeMs >= yearEnd
                  ? year
                  : older;
      addTo(age, bytes, allocated);
      if (bytes <= largest.floor || (hardLinked && bytes === 0)) continue;
      largest.add({ bytes, allocated, mtimeMs, hardLinked, directory, name: cursor.name });
    }
    left--;
  }
  return {
    largest: largest.list(snapshot),
    types: foldTypes([...types.all()]),
    ages: ages.map(({ age, share }) => ({ age, ...share })),
  };
}

/** Largest first, and what is beyond the list as `*`. */
function foldTypes(all: (Share & { type: string })[]): (Share & { type: string })[] {
  all.sort((a, b) => b.bytes - a.bytes || b.files - a.files || comparePaths(a.type, b.type));
  if (all.length <= listedTypes) return all;
  const rest = { type: '*', ...noShare() };
  for (const { bytes, allocated, files } of all.splice(listedTypes - 1)) {
    rest.bytes += bytes;
    rest.allocated += allocated;
    rest.files += files;
  }
  return [...all, rest];
}
