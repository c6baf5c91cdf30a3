import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { currentProcess, isRunning, pidNamespace } from '../process/index.ts';
import type { ProcessIdentity } from '../process/index.ts';

/** What a lock file says, and whether its holder still lives. No file is touched here. */

/** The holder writes its heartbeat this often. */
export const heartbeatEveryMs = 5_000;
/** A process that is there but silent this long, by the clock of this boot (which stands still in sleep), is stuck. */
const silentMs = 120_000;
/** A holder this machine cannot look at is given up after this much silence, by the file system's own clock. */
const unseenSilentMs = 300_000;
/** After a reboot the old holder is gone; until then it might be another machine of the same name. */
const otherBootSilentMs = 30_000;

const holderSchema = z.object({
  version: z.literal(1),
  /** Names this taking of the lock; never used twice. */
  token: z.string().regex(/^[0-9a-f]{32}$/),
  host: z.string(),
  pid: z.number().int(),
  bootId: z.string(),
  startTicks: z.string(),
  /** Linux: the pid namespace, because a pid of another container says nothing here. */
  namespace: z.string(),
  purpose: z.string(),
  startedAtMs: z.number(),
  heartbeatMs: z.number(),
  /** The same moment by the monotonic clock of the holder's boot. */
  heartbeatMonotonicMs: z.number(),
});
export type Holder = z.infer<typeof holderSchema>;

/** What a lock asks of the machine it runs on; replaced in tests. */
export interface Machine {
  identity(): ProcessIdentity & { readonly namespace: string };
  isRunning(identity: ProcessIdentity): boolean | undefined;
  nowMs(): number;
  /** Shared by all processes of this boot; does not advance while the machine sleeps. */
  monotonicMs(): number;
}

export const thisMachine: Machine = {
  identity: () => ({ ...currentProcess(), namespace: pidNamespace() }),
  isRunning,
  nowMs: Date.now,
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
};

export function newHolder(machine: Machine, purpose: string): Holder {
  return {
    version: 1,
    token: randomBytes(16).toString('hex'),
    ...machine.identity(),
    purpose,
    startedAtMs: machine.nowMs(),
    heartbeatMs: machine.nowMs(),
    heartbeatMonotonicMs: machine.monotonicMs(),
  };
}

/** Length of a lock file. Always the same, so that a heartbeat overwrites in place and is never seen half written. */
const fileBytes = 2048;

export function encodeHolder(holder: Holder): Buffer {
  const text = `${JSON.stringify(holder)}\n`;
  return Buffer.from(text.padEnd(fileBytes - (Buffer.byteLength(text) - text.length)));
}

/** The holder, or undefined when the file is not one of Larder's lock files or is cut off. */
export function decodeHolder(content: Uint8Array): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch {
    // Written by something else or half written: the caller goes by the file's age.
    return undefined;
  }
}

/**
 * Whether the holder is gone for good. `ageMs` is how long ago its file was last written, by the clock of the file
 * system that holds it. `beats` is false for a file that gets no heartbeat, whose age says nothing while its process
 * is there.
 */
export function isStale(holder: Holder | undefined, ageMs: number, machine: Machine, beats = true): boolean {
  if (holder === undefined) return ageMs > unseenSilentMs;
  const here = machine.identity();
  const sameHost = holder.host === here.host;
  if (sameHost && holder.bootId !== here.bootId) return ageMs > otherBootSilentMs;
  if (!sameHost || holder.namespace !== here.namespace) return ageMs > unseenSilentMs;
  if (machine.isRunning(holder) === false) return true;
  if (!beats) return false;
  if (holder.bootId === '') return ageMs > unseenSilentMs;
  return machine.monotonicMs() - holder.heartbeatMonotonicMs > silentMs;
}

/** Who holds it, for a person: "process 4711 on gpu-box, making a backup since 2025-08-01 12:00:05". */
export function describeHolder(holder: Holder): string {
  const since = new Date(holder.startedAtMs);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const day = `${since.getFullYear()}-${pad(since.getMonth() + 1)}-${pad(since.getDate())}`;
  const time = `${pad(since.getHours())}:${pad(since.getMinutes())}:${pad(since.getSeconds())}`;
  return `process ${holder.pid} on ${holder.host}, ${holder.purpose} since ${day} ${time}`;
}
