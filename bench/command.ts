import { spawn, spawnSync } from 'node:child_process';
import type { Contender, Sample } from './row.ts';

/** Peers, run as a person would type them. */

/** Undefined when the command is there, else why not. */
export function missing(...commands: string[]): string | undefined {
  const absent = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
  return absent.length === 0 ? undefined : `${absent.join(', ')} not installed`;
}

/** Runs a shell line and measures it from start to exit. */
export function shell(line: string, environment: Record<string, string> = {}): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint();
    const child = spawn('sh', ['-c', line], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => {
      const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
      if (code === 0) resolve({ seconds });
      else reject(new Error(`${line} ended with ${code ?? 'a signal'}: ${complaint.slice(-500)}`));
    });
  });
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function peer(name: string, needs: readonly string[], run: () => Promise<Sample>): Contender {
  return { name, missing: missing(...needs), run };
}
