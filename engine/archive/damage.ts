import { basename } from 'node:path';
import type { VerifyProblem } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FrameDamage } from './check-task.ts';
import { eachFile } from './each-file.ts';
import type { Problems } from './problems.ts';
import type { BackupReader } from './types.ts';

/** Damage of frames and archives turned into the paths it hits. */

/** Names the files that draw on archives that are not there. */
export async function nameMissing(
  reader: BackupReader,
  absent: ReadonlySet<number>,
  problems: Problems,
): Promise<void> {
  // With its only archive gone, nothing of the backup is left, and that has been said.
  if (absent.size === 0 || reader.archives.length === 1) return;
  await eachFile(reader, (entry) => {
    const piece = entry.pieces.find(({ frame }) => absent.has(reader.frames[frame]?.archive ?? -1));
    if (piece === undefined) return;
    const archive = problems.archivePath(reader.frames[piece.frame]?.archive ?? 0);
    const message = `${displayName(entry.path)}: ${displayName(basename(archive))}, which holds content of it, cannot be read.`;
    problems.add({ path: entry.path, archive, kind: 'missing', message });
  });
}

/** Names the files that damaged frames hit. */
export async function nameDamage(
  reader: BackupReader,
  damaged: ReadonlyMap<number, FrameDamage>,
  problems: Problems,
): Promise<void> {
  if (damaged.size === 0) return;
  const unnamed = new Set(damaged.keys());
  const archiveOf = (number: number): string => problems.archivePath(reader.frames[number]?.archive ?? 0);
  await eachFile(reader, (entry) => {
    let first: FrameDamage | undefined;
    for (const { frame } of entry.pieces) {
      const damage = damaged.get(frame);
      if (damage === undefined) continue;
      first ??= damage;
      unnamed.delete(frame);
    }
    if (first === undefined) return;
    const { number, kind, message } = first;
    problems.add({
      path: entry.path,
      archive: archiveOf(number),
      kind,
      message: `${displayName(entry.path)}: ${message}`,
    });
  });
  for (const number of unnamed) {
    const damage = damaged.get(number);
    if (damage === undefined) continue;
    const problem: VerifyProblem = {
      archive: archiveOf(number),
      kind: damage.kind,
      message: `${damage.message} It holds no file's content.`,
    };
    problems.add(problem);
  }
}
