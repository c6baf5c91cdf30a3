import { createHash } from 'node:crypto';
import { eachFile } from './each-file.ts';
import type { BackupReader, FileEntry, FrameRef, SampleState } from './types.ts';

/**
 * Which part of a backup a sample checks. Frames stand in the order of archive and offset; a sample takes those from where
 * the last one ended until they are the share asked for, and the next begins there. A file is checked whole in the sample
 * that has the first of its frames in that order. So after as many samples as the shares add up to one, every file was.
 */

/** Numbers of the frames in order of archive and offset. */
export function frameOrder(frames: readonly FrameRef[]): Uint32Array {
  const order = Uint32Array.from(frames, (_, number) => number);
  const place = (number: number): FrameRef => {
    const frame = frames[number];
    if (frame === undefined) throw new RangeError(`There is no frame ${number}.`);
    return frame;
  };
  return order.sort((a, b) => place(a).archive - place(b).archive || place(a).offset - place(b).offset);
}

/** The frames as a sample saw them; another digest means that its position says nothing any more. */
export function layoutOf(reader: BackupReader): string {
  const digest = createHash('sha256');
  for (const { file } of reader.archives) digest.update(`${JSON.stringify(file)}\n`);
  for (const { archive, offset, storedLength } of reader.frames)
    digest.update(`${archive} ${offset} ${storedLength}\n`);
  return digest.digest('hex');
}

export interface SampleWindow {
  /** 1 for each frame, by number, that the sample checks. */
  readonly frames: Uint8Array;
  readonly storedBytes: number;
  /** Whether files without content belong to it. */
  readonly first: boolean;
  /** Whether the file is checked whole in this sample. */
  has(entry: FileEntry): boolean;
  readonly next: SampleState;
  /** Share of the stored bytes that this sample and those before it, since one began anew, have covered: 0 to 1. */
  readonly covered: number;
}

/** `percent` of the stored bytes at least, from `before` on; anew when that is at its end or of other frames. */
export async function sampleWindow(
  reader: BackupReader,
  percent: number,
  before: SampleState | undefined,
): Promise<SampleWindow> {
  const { frames } = reader;
  const order = frameOrder(frames);
  const rank = new Uint32Array(order.length);
  order.forEach((number, at) => {
    rank[number] = at;
  });
  const layout = layoutOf(reader);
  const goesOn = before?.layout === layout && before.at < order.length;
  const from = goesOn ? before.at : 0;

  const firstRank = (entry: FileEntry): number =>
    entry.pieces.reduce((least, { frame }) => Math.min(least, rank[frame] ?? 0), order.length);
  const reach = await reachOfFiles(reader, rank, firstRank);
  const storedAt = (at: number): number => frames[order[at] ?? 0]?.storedLength ?? 0;
  let total = 0;
  for (let at = 0; at < order.length; at++) total += storedAt(at);
  const wanted = (total * percent) / 100;

  const inWindow = new Uint8Array(frames.length);
  let storedBytes = 0;
  let to = from;
  let least = from;
  while (to < order.length && (storedBytes < wanted || to < least)) {
    inWindow[order[to] ?? 0] = 1;
    storedBytes += storedAt(to);
    // The rest of a large file follows its first frame; read here, it need not be again in the next sample.
    least = Math.max(least, reach[to] ?? 0);
    to += 1;
  }
  let done = 0;
  for (let at = 0; at < to; at++) done += storedAt(at);
  return {
    frames: inWindow,
    storedBytes,
    first: from === 0,
    has(entry) {
      if (entry.pieces.length === 0) return from === 0;
      const first = firstRank(entry);
      return first >= from && first < to;
    },
    next: { layout, at: to },
    covered: total === 0 ? 1 : done / total,
  };
}

/** For each rank, the rank after the last of the frames that follow it without a gap in a file that begins there. */
async function reachOfFiles(
  reader: BackupReader,
  rank: Uint32Array,
  firstRank: (entry: FileEntry) => number,
): Promise<Uint32Array> {
  const reach = new Uint32Array(rank.length);
  await eachFile(reader, (entry) => {
    if (entry.pieces.length < 2) return;
    const first = firstRank(entry);
    const own = new Set(entry.pieces.map(({ frame }) => rank[frame] ?? 0));
    let end = first;
    while (own.has(end)) end += 1;
    if (end > (reach[first] ?? 0)) reach[first] = end;
  });
  return reach;
}
