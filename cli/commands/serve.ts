import { Option } from 'commander';
import type { Command } from 'commander';
import { mkdir, readFile } from 'node:fs/promises';
import { keyFilesIn, startEngineThread } from '../../engine/host/index.ts';
import { toLarderError } from '../../engine/fs/index.ts';
import { codeLifetimeMs, startServer } from '../../server/index.ts';
import type { RunningServer } from '../../server/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { absolute, collect, examples, wholeNumber } from '../arguments.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { writeSignInFile } from '../sign-in-file.ts';
import { printable } from '../text.ts';

export const defaultPort = 8420;

/** How many times an address that nobody used is replaced by itself; then only on request. */
const renewals = 5;

interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly allowHost?: readonly string[];
  readonly allowRemote?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly open?: boolean;
  readonly interface?: string;
}

async function readTls(
  context: CommandContext,
  options: ServeOptions,
): Promise<{ cert: string; key: string } | undefined> {
  const { tlsCert, tlsKey } = options;
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new LarderError('INVALID_INPUT', '--tls-cert and --tls-key are needed together.');
  }
  const read = async (path: string): Promise<string> => {
    const file = absolute(context, path);
    return readFile(file, 'utf8').catch((error: unknown) => {
      throw toLarderError(error, file);
    });
  };
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}

/** Prints sign-in addresses: the first, one on request, and on a terminal a fresh one when one expired unused. */
class SignInPrinter {
  readonly #context: CommandContext;
  readonly #server: RunningServer;
  #left = renewals;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: CommandContext, server: RunningServer) {
    this.#context = context;
    this.#server = server;
  }

  /** Issues an address and prints it. */
  print(): string {
    const url = this.#server.signInUrl();
    const { terminal, options } = this.#context;
    if (options.json) terminal.out(`${JSON.stringify({ url: this.#server.url, signInUrl: url })}\n`);
    else terminal.out(`Sign in: ${url}\n`);
    clearTimeout(this.#timer);
    if (terminal.outIsTty) this.#timer = setTimeout(() => this.#renew(), codeLifetimeMs);
    return url;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #renew(): void {
    if (this.#server.signInState() !== 'expired') return;
    const { terminal } = this.#context;
    if (this.#left === 0) {
      terminal.out('That address has expired. Press Enter for a new one.\n');
      return;
    }
    this.#left -= 1;
    terminal.out('That address was not used within a minute. Here is a new one.\n');
    this.print();
  }
}

async function serve(context: CommandContext, options: ServeOptions): Promise<void> {
  const { terminal, signal, dashboard } = context;
  const tls = await readTls(context, options);
  const thread = startEngineThread({
    threadUrl: dashboard.threadUrl,
    home: context.home,
    version: dashboard.version,
    live: true,
    keyFiles: keyFilesIn(terminal.env, terminal.cwd),
  });
  const engine = thread.connect({ paths: 'any' });
  const failed = Promise.withResolvers<never>();
  try {
    await thread.ready();
    thread.onState(({ state, reason }) => {
      if (state === 'restarting')
        terminal.err(`Larder's engine stopped and is restarted: ${printable(reason ?? '')}\n`);
      if (state === 'failed') {
        failed.reject(new LarderError('INTERNAL', `Larder's engine stopped: ${reason ?? 'no reason given'}`));
      }
    });
    const server = await startServer({
      engine,
      port: options.port ?? defaultPort,
      host: options.host,
      allowHosts: options.allowHost,
      allowRemote: options.allowRemote,
      tls,
      staticDir: options.interface === undefined ? dashboard.staticDir : absolute(context, options.interface),
      onDefect: (error) => terminal.err(`error: ${printable(String(error))}\n`),
    });
    const printer = new SignInPrinter(context, server);
    const offAddress = dashboard.onNewAddress(() => void printer.print());
    let removeFile = async (): Promise<void> => {};
    try {
      if (!context.options.json) terminal.out(`Larder is running at ${server.url}\n`);
      const url = printer.print();
      if (!context.options.json) {
        terminal.out(
          terminal.outIsTty
            ? 'This address works once, within a minute. Press Enter for a new one, Ctrl-C to stop.\n'
            : 'This address works once, within a minute. For a new one, send an empty line or SIGUSR2.\n',
        );
      }
      if (options.open === true) {
        await mkdir(context.home, { recursive: true, mode: 0o700 });
        const page = await writeSignInFile(context.home, url);
        removeFile = page.remove;
        await dashboard.openInBrowser(page.file).catch((error: unknown) => {
          terminal.err(`The browser could not be opened: ${printable(String(error))}\n`);
        });
      }
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([stopped, failed.promise]);
    } finally {
      offAddress();
      printer.stop();
      await removeFile();
      await server.close();
    }
  } finally {
    engine.close();
    await thread.stop();
  }
}

/** `larder serve` */
export function registerServe(program: Command, run: Run): void {
  program
    .command('serve')
    .option('--port <n>', `port to listen on, 0 for any free one (default: ${defaultPort})`, wholeNumber(0, 65_535))
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--allow-host <name>', 'a further name by which browsers reach it; may be given again', collect)
    .option('--allow-remote', 'let other machines reach it; needs TLS')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .option('--open', 'open it in the default browser')
    // For working on the interface: one that was built elsewhere.
    .addOption(new Option('--interface <dir>', 'folder of the built interface').hideHelp())
    .description('serve the dashboard to a browser')
    .addHelpText(
      'after',
      examples(
        'larder serve --port 9000 --open',
        'larder serve --host 0.0.0.0 --allow-remote --allow-host box.lan --tls-cert box.pem --tls-key box.key',
      ),
    )
    .action((options: ServeOptions) =>
      run(async (context) => {
        await serve(context, options);
        return exitCodes.done;
      }),
    );
}
