import type { Exclusion, SourceEntry } from '../archive/index.ts';
import type { Candidate, CaptureOutcome } from '../capture/index.ts';
import { decodeEntries } from './entry-codec.ts';
import type { IdleFile } from './idle-files.ts';
import { reasons } from './selection.ts';
import type { Survey } from './survey.ts';

/** What goes into a backup: a survey in which copies stand for what programs were writing to. */
export interface Surveyed extends Survey {
  /** Sorted as the walk went; can be gone through any number of times. */
  readonly entries: Iterable<SourceEntry>;
}

/**
 * A survey with copies in the place of live files. Such an entry has the copy's content and size and the time it was
 * last written to, its WAL included; the rest is the file's own. What stands for its change time is the state that it is
 * a copy of, or 0 where that is not known, so that a later backup takes it for unchanged only when the state is the same.
 *
 * `idle`: what the backup it is compared with has of those still in that state. They are as there, and nothing is read.
 */
export function withCopies(
  survey: Survey,
  { captured, skipped }: CaptureOutcome,
  idle: readonly IdleFile[] = [],
): Surveyed {
  const still = new Map(idle.map((file) => [file.candidate.path, file]));
  const copies = [...captured.values(), ...idle];
  const needless = new Map(copies.flatMap(({ candidate }) => candidate.beside.map(({ path, bytes }) => [path, bytes])));
  const grown = copies.reduce((sum, { candidate, size }) => sum + size - candidate.size, 0);
  const spared = [...needless.values()].reduce((sum, bytes) => sum + bytes, 0);
  const areaOf = nearestOf(survey.areas.map(({ path }) => path));
  const excluded = [...needless].map(([path, bytes]): Exclusion => ({ path, reason: reasons.inCopy, files: 1, bytes }));
  return {
    ...survey,
    files: survey.files - needless.size,
    bytes: survey.bytes - spared + grown,
    areas: survey.areas.map((area) => {
      const inside = excluded.filter(({ path }) => areaOf(path) === area.path);
      const own = copies.filter(({ candidate }) => areaOf(candidate.path) === area.path);
      const more = own.reduce((sum, { candidate, size }) => sum + size - candidate.size, 0);
      const bytes = inside.reduce((sum, exclusion) => sum - exclusion.bytes, area.bytes + more);
      return { path: area.path, files: area.files - inside.length, bytes };
    }),
    excluded: [...survey.excluded, ...excluded],
    skipped: [...survey.skipped, ...skipped],
    entries: {
      *[Symbol.iterator]() {
        for (const entry of decodeEntries(survey.batches)) {
          if (needless.has(entry.path)) continue;
          const copy = captured.get(entry.path);
          const older = still.get(entry.path);
          if (copy !== undefined) {
            const { file: contentFrom, size, mtimeNs, state } = copy;
            yield { ...entry, size, mtimeNs: mtimeNs ?? entry.mtimeNs, ctimeNs: state ?? 0n, links: 1, contentFrom };
          } else if (older !== undefined) {
            const { size, mtimeNs, state } = older;
            yield { ...entry, size, mtimeNs, ctimeNs: state, links: 1 };
          } else yield entry;
        }
      },
    },
  };
}

/** What a survey will be when every copy succeeds, without making any: for plans. */
export function asIfCopied(survey: Survey, idle: readonly IdleFile[] = []): Surveyed {
  const supposed = { file: '', mtimeNs: undefined, state: undefined };
  const captured = new Map(
    survey.live.map((candidate) => [candidate.path, { candidate, size: candidate.size, ...supposed }]),
  );
  return withCopies(survey, { captured, skipped: [] }, idle);
}

/** Room that the copies take beside the archive until it is made: each may grow by what lies beside it. */
export function copyBytes(live: readonly Candidate[]): number {
  return live.reduce((sum, { size, beside }) => beside.reduce((all, { bytes }) => all + bytes, sum + size), 0);
}

/** Which of some folders a file lies in, the deepest of them; `''` when in none. */
function nearestOf(folders: readonly string[]): (path: string) => string {
  const known = new Set(folders);
  return (path) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (known.has(folder)) return folder;
    }
    return '';
  };
}
