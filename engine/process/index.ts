import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What tells one process from every other, so that a lock or a job left behind by a dead one is recognised although its
 * pid may belong to another process by now.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Linux: id of this boot (`/proc/sys/kernel/random/boot_id`); elsewhere empty. */
  readonly bootId: string;
  /** Linux: start time in clock ticks since boot (proc_pid_stat(5), field 22); elsewhere empty. */
  readonly startTicks: string;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, or the process is gone: both mean "cannot tell", which callers handle.
    return '';
  }
}

function startTicksOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in field 2 may hold spaces and parentheses; fields count on from the last one.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2);
  return afterName.split(' ')[19] ?? '';
}

export function currentProcess(): ProcessIdentity {
  return {
    host: hostname(),
    pid: process.pid,
    bootId: readText('/proc/sys/kernel/random/boot_id').trim(),
    startTicks: startTicksOf(process.pid),
  };
}

/** Whether that very process still runs; undefined when it is on another machine, so that this one cannot tell. */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  const here = currentProcess();
  if (identity.host !== here.host) return undefined;
  if (identity.bootId !== here.bootId) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it is there, under another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return identity.startTicks === '' || startTicksOf(identity.pid) === identity.startTicks;
}

/** Linux: names the pid namespace of this process, as a pid of another container says nothing here; elsewhere empty. */
export function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: there is one for all.
    return '';
  }
}
