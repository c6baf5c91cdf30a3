import type { VerifyProblem } from '../../shared/contract/index.ts';
import { formatQuantity } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import type { ArchivePlace } from './frame-reader.ts';
import type { BackupReader, FrameRef } from './types.ts';

/** Paths named one by one; the result of a job is kept, and a person reads no more. */
const maxNamed = 10_000;

/** What a verification finds. */
export class Problems {
  private readonly reader: BackupReader;
  private readonly found: VerifyProblem[] = [];
  private unnamed = 0;

  constructor(reader: BackupReader) {
    this.reader = reader;
  }

  get count(): number {
    return this.found.length;
  }

  add(problem: VerifyProblem): void {
    if (problem.path !== undefined && this.found.length >= maxNamed) this.unnamed += 1;
    else this.found.push(problem);
  }

  wrongDigest(path: string, archive: number): void {
    const message = `${displayName(path)} is not what was backed up: its digest does not match.`;
    this.add({ path, archive: this.archivePath(archive), kind: 'digest', message });
  }

  hasStructure(archive: string): boolean {
    return this.found.some((problem) => problem.archive === archive && problem.kind === 'structure');
  }

  list(): VerifyProblem[] {
    if (this.unnamed === 0) return this.found;
    const message = `${formatQuantity(this.unnamed, 'more file')} of this backup cannot be restored.`;
    return [...this.found, { archive: this.archivePath(0), kind: 'digest', message }];
  }

  archivePath(index: number): string {
    return this.reader.archivePaths[index] ?? '';
  }

  /** The archives that frames lie in, by number. */
  placesOf(frames: Iterable<FrameRef>): Map<number, ArchivePlace> {
    const places = new Map<number, ArchivePlace>();
    for (const { archive } of frames) {
      if (places.has(archive)) continue;
      places.set(archive, { path: this.archivePath(archive), format: this.reader.archives[archive]?.format ?? 'tar' });
    }
    return places;
  }
}
