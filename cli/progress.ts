import type { Job } from '../shared/contract/index.ts';
import { formatBytes, formatPercent, formatQuantity, formatRate, formatRemaining } from '../shared/format.ts';
import type { Terminal } from './terminal.ts';
import { displayWidth, printable, shorten } from './text.ts';

const barCells = 20;
/** Below this a path says nothing. */
const minPathCells = 12;
const minColumns = 20;

function bar(done: number, total: number): string {
  const filled = Math.min(barCells, Math.floor((done / total) * barCells));
  return '█'.repeat(filled) + '░'.repeat(barCells - filled);
}

/** One line for a running job in at most `columns` cells; less important parts go first where it is narrow. */
export function progressLine(job: Job, columns: number): string {
  const { bytesDone, bytesTotal, filesDone, filesTotal } = job;
  const known = bytesTotal !== undefined && bytesTotal > 0;
  const bytes = known ? `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}` : formatBytes(bytesDone);
  const files =
    filesTotal === undefined
      ? filesDone > 0
        ? formatQuantity(filesDone, 'file')
        : undefined
      : formatQuantity(filesTotal, 'file');
  // In the order in which they are shown; the number says which is given up last.
  const parts: { text: string; keep: number }[] = [
    { text: printable(job.phase), keep: 5 },
    ...(known ? [{ text: bar(bytesDone, bytesTotal), keep: 1 }] : []),
    ...(known ? [{ text: formatPercent(bytesDone, bytesTotal), keep: 6 }] : []),
    ...(bytesDone > 0 || known ? [{ text: bytes, keep: 4 }] : []),
    ...(files !== undefined && !known ? [{ text: files, keep: 4 }] : []),
    ...(job.bytesPerSecond > 0 ? [{ text: formatRate(job.bytesPerSecond), keep: 2 }] : []),
    ...(job.remainingMs === undefined || (known && bytesDone >= bytesTotal)
      ? []
      : [{ text: `${formatRemaining(job.remainingMs)} left`, keep: 3 }]),
  ];
  const join = (): string => parts.map((part) => part.text).join('  ');
  while (parts.length > 1 && displayWidth(join()) > columns) {
    const least = parts.reduce((a, b) => (b.keep < a.keep ? b : a));
    parts.splice(parts.indexOf(least), 1);
  }
  const line = shorten(join(), columns);
  const room = columns - displayWidth(line) - 2;
  if (job.current === undefined || job.current === '' || room < minPathCells) return line;
  return `${line}  ${shorten(printable(job.current), room)}`;
}

/** The one line at the bottom of a terminal that moves; nothing at all where stderr is no terminal. */
export class ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #on: boolean;
  #shown = false;

  constructor(terminal: Terminal, options: { quiet: boolean }) {
    this.#terminal = terminal;
    this.#on = !options.quiet && terminal.errIsTty && terminal.env['TERM'] !== 'dumb';
  }

  show(job: Job): void {
    this.#write((columns) => progressLine(job, columns));
  }

  /** Something that is no job. */
  showText(text: string): void {
    this.#write((columns) => shorten(text, columns));
  }

  #write(line: (columns: number) => string): void {
    if (!this.#on) return;
    // The last cell stays free: some terminals wrap when it is written.
    this.#terminal.err(`\r\u001b[2K${line(Math.max(minColumns, this.#terminal.columns - 1))}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#terminal.err('\r\u001b[2K');
    this.#shown = false;
  }
}
