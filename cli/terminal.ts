/** Where a command runs: its streams and surroundings. Tests give their own. */
export interface Terminal {
  /** Writes to stdout: results. */
  out(text: string): void;
  /** Writes bytes to stdout as they are, and resolves when there is room for more. */
  outBytes(bytes: Uint8Array): Promise<void>;
  /** Whether nobody reads stdout any more. */
  readonly outClosed: boolean;
  /** Writes to stderr: progress, questions, errors. */
  err(text: string): void;
  /** Resolves when everything was written. Rejects with the system's error when some of stdout was lost. */
  flush(): Promise<void>;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly inIsTty: boolean;
  /** Width of the terminal behind stderr, in cells. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** ms since the epoch. */
  now(): number;
  /** Asks on the terminal and resolves with the line typed; rejects with an `AbortError` when `signal` aborts. */
  ask(question: string, signal: AbortSignal): Promise<string>;
  /** The same, showing nothing of what is typed. Only where stdin is a terminal. */
  askSecret(question: string, signal: AbortSignal): Promise<string>;
}
