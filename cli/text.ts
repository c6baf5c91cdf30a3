import { displayName } from '../shared/path-text.ts';

/**
 * A name or message as it may go to a terminal: control characters appear escaped, so that a file's name can neither
 * break a line nor send the terminal a command.
 */
export function printable(text: string): string {
  return displayName(text);
}

const zeroWidth = /^[\p{M}\u200b-\u200d\ufe00-\ufe0f]$/u;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

function cells(character: string): number {
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** How many terminal cells a printable text takes: Unicode East Asian Width, as far as file names need it. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cells(character);
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** The text in at most `width` cells; what does not fit goes from the middle, because paths differ at their ends. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const characters = Array.from(text);
  const take = (from: readonly string[], limit: number): string[] => {
    const taken: string[] = [];
    let used = 0;
    for (const character of from) {
      used += cells(character);
      if (used > limit) break;
      taken.push(character);
    }
    return taken;
  };
  const head = take(characters, Math.floor((width - 1) / 3));
  const tail = take(characters.toReversed(), width - 1 - displayWidth(head.join('')));
  return `${head.join('')}…${tail.toReversed().join('')}`;
}
