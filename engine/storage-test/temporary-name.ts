import { createHash, randomBytes } from 'node:crypto';
import { isRunning } from '../process/index.ts';
import type { ProcessIdentity } from '../process/index.ts';

/** How long a test of another machine on the same disk may take before its files count as left over. */
const strangerMs = 24 * 3_600_000;

const pattern = /^\.larder-test-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f]{8}$/;

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** A name for a file of a test, which tells whose it is should it be left behind. */
export function temporaryName({ host, bootId, pid, startTicks }: ProcessIdentity): string {
  return `.larder-test-${short(host)}-${short(bootId)}-${pid}-${startTicks}-${randomBytes(4).toString('hex')}`;
}

/** Whether a name is that of a test's file whose process is gone. `mtimeMs` tells where the process cannot be asked for. */
export function isLeftOver(name: string, mtimeMs: number, nowMs: number, here: ProcessIdentity): boolean {
  const [, host, boot, pid, startTicks] = pattern.exec(name) ?? [];
  if (pid === undefined || startTicks === undefined) return false;
  if (host !== short(here.host)) return nowMs - mtimeMs > strangerMs;
  if (boot !== short(here.bootId)) return true;
  return isRunning({ ...here, pid: Number(pid), startTicks }) === false;
}

export function isTemporaryName(name: string): boolean {
  return pattern.test(name);
}
