import { comparePaths } from '../../shared/path-text.ts';
import type { Role } from '../../shared/contract/index.ts';

export interface PathChange {
  path: string;
  before: number;
  after: number;
}
export type Change = PathChange & { role: Role };

/** A directory that makes up this part of its area's change is named in its stead. */
const speaksForArea = 0.5;

function size({ before, after }: PathChange): number {
  return Math.abs(after - before);
}

/** Areas and directories that moved, largest change first; an area is left out where one directory explains it. */
export function biggestChanges(
  areas: readonly PathChange[],
  directories: readonly PathChange[],
  limit: number,
): PathChange[] {
  const moved = directories.filter((directory) => size(directory) > 0);
  const unexplained = areas.filter(
    (area) =>
      size(area) > 0 &&
      !moved.some(
        (directory) =>
          directory.path.startsWith(`${area.path}/`) &&
          Math.sign(directory.after - directory.before) === Math.sign(area.after - area.before) &&
          size(directory) >= size(area) * speaksForArea,
      ),
  );
  return [...unexplained, ...moved].sort((a, b) => size(b) - size(a) || comparePaths(a.path, b.path)).slice(0, limit);
}
