import type { Backup, Disk, Job, UsageSummary } from '../../shared/contract/index.ts';
import { formatBytes, formatPercent, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import { printable } from '../text.ts';

/** Something a person should know of a store. */
export interface Alert {
  readonly kind: 'disk' | 'inodes' | 'backup' | 'unreadable';
  readonly level: 'warn' | 'error';
  readonly message: string;
}

export interface AlertFacts {
  /** Undefined when the store cannot be read. */
  readonly summary: UsageSummary | undefined;
  readonly disks: readonly Disk[];
  readonly lastBackup: Backup | undefined;
  /** Why the store's backup folder cannot be reached, so that what is in it is not known. */
  readonly away: string | undefined;
  /** The last attempt to back up. */
  readonly lastJob: Job | undefined;
  readonly nowMs: number;
}

const dayMs = 24 * 3_600_000;
/** A disk this full is worth a word, and a warning. */
const [fullish, full] = [0.8, 0.9];

function diskAlerts({ mountPoint, capacity, free, inodes }: Disk): Alert[] {
  const alerts: Alert[] = [];
  const used = (capacity - free) / capacity;
  if (used >= fullish) {
    const message = `The disk at ${printable(mountPoint)} is ${formatPercent(capacity - free, capacity)} full: ${formatBytes(free)} free.`;
    alerts.push({ kind: 'disk', level: used >= full ? 'error' : 'warn', message });
  }
  if (inodes !== undefined && inodes.free / inodes.total <= 1 - full) {
    const left = formatQuantity(inodes.free, 'more file');
    alerts.push({
      kind: 'inodes',
      level: 'error',
      message: `The disk at ${printable(mountPoint)} takes only ${left}.`,
    });
  }
  return alerts;
}

function backupAlert({ lastBackup, away, lastJob, nowMs }: AlertFacts): Alert | undefined {
  const at = lastBackup?.finishedAtMs ?? -Infinity;
  if (lastJob !== undefined && lastJob.startedAtMs > at && ['failed', 'interrupted'].includes(lastJob.status)) {
    const why = lastJob.error === undefined ? 'it was interrupted.' : printable(lastJob.error.message);
    const when = formatRelativeTime(lastJob.finishedAtMs ?? lastJob.startedAtMs, nowMs);
    return { kind: 'backup', level: 'error', message: `The last backup failed ${when}: ${why}` };
  }
  if (away !== undefined) {
    const message = `The backup folder cannot be reached. ${printable(away)}`;
    return { kind: 'backup', level: 'warn', message };
  }
  if (lastBackup === undefined) return { kind: 'backup', level: 'warn', message: 'There is no backup yet.' };
  if (lastBackup.verified?.ok === false) {
    return { kind: 'backup', level: 'error', message: 'The last backup is damaged.' };
  }
  if (lastBackup.status === 'partial') {
    const skipped = formatQuantity(lastBackup.skipped.length, 'path');
    return { kind: 'backup', level: 'warn', message: `The last backup is partial: ${skipped} skipped.` };
  }
  if (nowMs - at <= dayMs) return undefined;
  return { kind: 'backup', level: 'warn', message: `The last backup was made ${formatRelativeTime(at, nowMs)}.` };
}

/** What is wrong with a store, most urgent first. */
export function alertsOf(facts: AlertFacts): Alert[] {
  const alerts = facts.disks.flatMap(diskAlerts);
  const backup = backupAlert(facts);
  if (backup !== undefined) alerts.push(backup);
  const { summary } = facts;
  if (summary?.atLeast === true) {
    const what = summary.unreadable.length === 0 ? 'Something' : formatQuantity(summary.unreadable.length, 'path');
    const message = `${what} could not be read, so its size is "at least". larder usage lists the reasons.`;
    alerts.push({ kind: 'unreadable', level: 'warn', message });
  }
  return alerts.sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
}
