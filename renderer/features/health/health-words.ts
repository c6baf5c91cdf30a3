import type {
  HealthCheck,
  HealthCounts,
  HealthGroup,
  HealthReport,
  HealthStatus,
} from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import type { Tone } from '../../design/index.ts';

export const groupNames: Readonly<Record<HealthGroup, string>> = {
  structure: 'Structure',
  permissions: 'Permissions',
  disk: 'Disk',
  integrity: 'Integrity',
  backups: 'Backups',
  activity: 'Activity',
  environment: 'Environment',
  compose: 'Compose files',
  larder: 'Larder itself',
};

/** What a status is called, and how it looks. */
export const statusLooks: Readonly<Record<HealthStatus, { word: string; tone: Tone }>> = {
  fail: { word: 'Fails', tone: 'bad' },
  warn: { word: 'Warning', tone: 'warn' },
  skip: { word: 'Cannot tell', tone: 'quiet' },
  pass: { word: 'Passes', tone: 'ok' },
};

const urgency: Readonly<Record<HealthStatus, number>> = { fail: 0, warn: 1, skip: 2, pass: 3 };

/** Names one line of a report. */
export function checkKey({ id, area }: Pick<HealthCheck, 'id' | 'area'>): string {
  return area === undefined ? id : `${id} ${area}`;
}

/** Something is to be done about it: it fails or warns, and nobody muted it. */
export function isOpen({ status, muted }: Pick<HealthCheck, 'status' | 'muted'>): boolean {
  return muted === undefined && (status === 'fail' || status === 'warn');
}

/** What is to be done something about, the worst first, otherwise in the order of the report. */
export function attention(report: Pick<HealthReport, 'checks'>): readonly HealthCheck[] {
  return report.checks.filter(isOpen).toSorted((a, b) => urgency[a.status] - urgency[b.status]);
}

/** By urgency; the order of the report holds among equals. */
export function byUrgency(checks: readonly HealthCheck[]): readonly HealthCheck[] {
  return checks.toSorted((a, b) => urgency[a.status] - urgency[b.status]);
}

/** "2 fail, 1 warning"; undefined when there is neither. */
export function attentionWords({ fail, warn }: Pick<HealthCounts, 'fail' | 'warn'>): string | undefined {
  const words = [
    fail === 0 ? undefined : `${fail} ${fail === 1 ? 'fails' : 'fail'}`,
    warn === 0 ? undefined : formatQuantity(warn, 'warning'),
  ].filter((each) => each !== undefined);
  return words.length === 0 ? undefined : words.join(', ');
}

/** What is not to be looked at: "31 pass, 1 cannot be told, 2 muted". */
export function restWords({ pass, skip, muted }: Pick<HealthCounts, 'pass' | 'skip' | 'muted'>): string {
  return [
    `${pass} ${pass === 1 ? 'passes' : 'pass'}`,
    skip === 0 ? undefined : `${skip} cannot be told`,
    muted === 0 ? undefined : `${muted} muted`,
  ]
    .filter((each) => each !== undefined)
    .join(', ');
}

/** A path of a report as a person reads it. */
export function placeWords(path: string): string {
  return path === '' ? 'The folder itself' : displayName(path);
}
