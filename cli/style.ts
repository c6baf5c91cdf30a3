import type { Terminal } from './terminal.ts';

/** Colours of a stream; each function returns its text unchanged where there are none. */
export interface Style {
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
}

const escape = '\u001b[';

/** Colours only on a terminal, and not where NO_COLOR (no-color.org) or a dumb terminal says so. */
export function styleFor(terminal: Terminal, stream: 'out' | 'err'): Style {
  const { env } = terminal;
  const tty = stream === 'out' ? terminal.outIsTty : terminal.errIsTty;
  const plain = !tty || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const paint = (code: number) => (text: string) => (plain ? text : `${escape}${code}m${text}${escape}0m`);
  return { bold: paint(1), red: paint(31), green: paint(32), yellow: paint(33), dim: paint(2) };
}
