import type { EventData } from '../../../shared/contract/index.ts';
import { formatCount } from '../../../shared/format.ts';

/** How far a run is, in a line: "Looking at files, 1,204 of 5,000". */
export function progressWords(progress: EventData<'health.progress'> | undefined): string {
  if (progress === undefined) return 'Beginning';
  const { phase, done, total } = progress;
  if (total !== undefined) return `${phase}, ${formatCount(done)} of ${formatCount(total)}`;
  return done === 0 ? phase : `${phase}, ${formatCount(done)}`;
}
