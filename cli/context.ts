import type { Client } from '../shared/client/index.ts';
import type { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Options every command takes. */
export interface GlobalOptions {
  readonly home?: string;
  readonly json: boolean;
  readonly jsonLines: boolean;
  readonly yes: boolean;
}

/** What a command is given to do its work. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;
  /** Folder of settings and history, absolute. */
  readonly home: string;
  /** Aborted by the first Ctrl-C. The second ends the process at once. */
  readonly signal: AbortSignal;
  /** The engine, opened when first asked for and closed when the command is done. */
  client(): Promise<Client>;
  readonly dashboard: DashboardParts;
}

/** What `larder serve` needs beyond the other commands. */
export interface DashboardParts {
  readonly version: string;
  /** Entry of the engine thread. */
  readonly threadUrl: URL;
  /** Folder of the built interface. */
  readonly staticDir: string;
  /** Called when the person asks for a new sign-in address: Enter, or SIGUSR2. The returned function ends it. */
  onNewAddress(listener: () => void): () => void;
  /** Opens a file of this machine in the default browser. */
  openInBrowser(file: string): Promise<void>;
}

export type Action = (context: CommandContext) => Promise<ExitCode>;
/** Runs a command's action within a context; what each command's file is given when it registers. */
export type Run = (action: Action, options?: RunOptions) => Promise<void>;

export interface RunOptions {
  /** The command shows the engine's notices itself, so they are not said on stderr. */
  readonly showsNotices?: boolean;
}

/** Prints a result: as one JSON document when that was asked for, else as text. */
export function print(context: CommandContext, json: () => unknown, human: () => string): void {
  const { terminal, options } = context;
  if (options.json) terminal.out(`${JSON.stringify(json(), undefined, terminal.outIsTty ? 2 : undefined)}\n`);
  else terminal.out(human());
}
