import type { Backup, Verification } from '../../../shared/contract/index.ts';
import { formatDuration, formatQuantity } from '../../../shared/format.ts';
import type { Tone } from '../../design/index.ts';

export interface BackupTag {
  id: 'problem' | 'damaged' | 'partial' | 'verified' | 'unverified';
  tone: Tone;
  word: string;
  /** The same in a sentence. */
  detail: string;
}

/** What is to be known about a backup before trusting it, the worst first. */
export function backupTags(backup: Backup): BackupTag[] {
  const { problem, verified, skipped, status } = backup;
  const tags: BackupTag[] = [];
  if (problem !== undefined) tags.push({ id: 'problem', tone: 'bad', word: 'unusable', detail: problem });
  if (verified?.ok === false) {
    const detail = `The ${verified.mode} verification found damage.`;
    tags.push({ id: 'damaged', tone: 'bad', word: 'damaged', detail });
  }
  if (status === 'partial') {
    const detail = `${formatQuantity(skipped.length, 'path')} ${skipped.length === 1 ? 'is' : 'are'} missing in it or may not be whole.`;
    tags.push({ id: 'partial', tone: 'warn', word: 'partial', detail });
  }
  if (problem === undefined && verified === undefined) {
    const detail = 'It was not verified since it was made.';
    tags.push({ id: 'unverified', tone: 'quiet', word: 'not verified', detail });
  }
  if (problem === undefined && verified?.ok === true)
    tags.push({ id: 'verified', tone: 'ok', word: 'verified', detail: verifyModes[verified.mode] });
  return tags;
}

/** What a verification looked at. */
export const verifyModes = {
  written: 'What it added was read back as it was written; older archives it draws on are there with their size.',
  quick: 'Structure and every stored byte are as they were written.',
  sample: 'A part of it was unpacked and is as it was backed up; the next sample takes the next part.',
  deep: 'Every file was unpacked and is as it was backed up.',
} as const satisfies Readonly<Record<Verification['mode'], string>>;

/** How long it took to make, "12 s". */
export function tookWords(backup: Backup): string {
  return formatDuration(backup.finishedAtMs - backup.startedAtMs);
}
