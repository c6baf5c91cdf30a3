import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { entryUrl, larderHome } from '../engine/host/index.ts';
import { createEngine } from '../engine/index.ts';
import { version } from '../engine/version.ts';
import { createClient } from '../shared/client/index.ts';
import { exitCodes } from './exit-code.ts';
import { outputTo } from './output.ts';
import { main } from './program.ts';
import { readSecret } from './read-secret.ts';
import type { Terminal } from './terminal.ts';

/** The program behind the `larder` command (larder.ts): joins it to the real process. */

const { stdin, stdout, stderr } = process;
const fallbackColumns = 80;

const out = outputTo(stdout);
const err = outputTo(stderr);

async function ask(question: string, signal: AbortSignal): Promise<string> {
  // Not as a "terminal", which would take Ctrl-C away from the process.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const closed = new Promise<string>((resolve) => reader.once('close', () => resolve('')));
    return await Promise.race([reader.question(question, { signal }), closed]);
  } finally {
    reader.close();
  }
}

async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  // Before the question is there to be answered, the echo is off.
  const line = readSecret(stdin, signal, () => process.emit('SIGINT'));
  err.write(question);
  try {
    return await line;
  } finally {
    err.write('\n');
  }
}

const terminal: Terminal = {
  out: (text) => out.write(text),
  outBytes: (bytes) => out.writeBytes(bytes),
  get outClosed() {
    return out.closed;
  },
  err: (text) => err.write(text),
  flush: () => out.flush(),
  outIsTty: stdout.isTTY,
  errIsTty: stderr.isTTY,
  inIsTty: stdin.isTTY,
  get columns() {
    // 0 on some pseudo-terminals.
    return stderr.columns > 0 ? stderr.columns : fallbackColumns;
  },
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  ask,
  askSecret,
};

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interrupted.signal.aborted) process.exit(exitCodes.cancelled);
    interrupted.abort();
  });
}

function onNewAddress(listener: () => void): () => void {
  stdin.on('data', listener);
  const hasSignal = process.platform !== 'win32';
  if (hasSignal) process.on('SIGUSR2', listener);
  return () => {
    stdin.off('data', listener);
    stdin.pause();
    if (hasSignal) process.off('SIGUSR2', listener);
  };
}

function openInBrowser(file: string): Promise<void> {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', file]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', file]
        : ['xdg-open', file];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { detached: true, stdio: 'ignore' });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

/** Built, this file is `dist/cli/main.js` beside `dist/renderer`; unbuilt, the interface lies in `dist/` all the same. */
const rendererUrl = new URL(import.meta.url.endsWith('.ts') ? '../dist/renderer' : '../renderer', import.meta.url);

const exitCode = await main(process.argv.slice(2), {
  terminal,
  version,
  defaultHome: larderHome(process.env, process.platform, homedir()),
  signal: interrupted.signal,
  dashboard: {
    version,
    threadUrl: entryUrl(import.meta.url, '../engine/thread'),
    staticDir: fileURLToPath(rendererUrl),
    onNewAddress,
    openInBrowser,
  },
  async openEngine(home, keyFiles) {
    const poolWorkerUrl = entryUrl(import.meta.url, '../engine/pool-worker');
    const engine = await createEngine({ home, version, live: false, poolWorkerUrl, keyFiles });
    const client = createClient(engine.connect({ paths: 'any' }));
    return {
      client,
      async close() {
        client.close();
        await engine.stop();
      },
    };
  },
});

// There is nowhere left to say that errors could not be said.
await err.flush().catch(() => undefined);
process.exit(exitCode);
