import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../larder.ts', import.meta.url));

/** Processes that have not ended; a failed test leaves some. */
const alive = new Set<ChildProcess>();

/** Ends what tests left running. */
export function endChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
}

export interface ChildResult {
  /** Exit code; undefined when a signal ended it. */
  code: number | undefined;
  out: string;
  err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<ChildResult>;
  /** Resolves with stdout once `holds` of it; rejects when the process ends first. */
  outUntil(holds: (out: string) => boolean): Promise<string>;
  errUntil(holds: (err: string) => boolean): Promise<string>;
}

/** Starts the command from source as a process of its own, the way a script does: no terminal anywhere. */
export function start(args: readonly string[], options: { home: string; cwd: string }): Running {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: options.cwd,
    env: { ...process.env, LARDER_HOME: options.home, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  alive.add(child);
  child.on('exit', () => alive.delete(child));
  const text = { out: '', err: '' };
  const lookers = new Set<() => void>();
  for (const [name, stream] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      for (const look of [...lookers]) look();
    });
  }
  const ended = new Promise<ChildResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? undefined, ...text }));
  });
  const until = (name: 'out' | 'err', holds: (text: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!holds(text[name])) return;
        lookers.delete(look);
        resolve(text[name]);
      };
      lookers.add(look);
      void ended.then(({ code, out, err }) => reject(new Error(`It ended with ${code}.\n${out}\n${err}`)));
      look();
    });
  return { child, ended, outUntil: (holds) => until('out', holds), errUntil: (holds) => until('err', holds) };
}

export function runChild(args: readonly string[], options: { home: string; cwd: string }): Promise<ChildResult> {
  const running = start(args, options);
  running.child.stdin?.end();
  return running.ended;
}
