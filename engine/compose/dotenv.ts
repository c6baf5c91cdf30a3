import { interpolate, unknownMark } from './interpolate.ts';

/** One variable of an env file. Line and column count from 1 and tell where the name stands. */
export interface EnvLine {
  readonly name: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
}

const maxLines = 10_000;

/**
 * Reads an env file as Docker Compose does: `NAME=value`, `export`, `#` comments, single quotes as they are, double quotes
 * with escapes and variables (over several lines, too), a comment after ` #`. Lines that say nothing are passed over.
 */
export function parseEnv(text: string, variables: ReadonlyMap<string, string>): EnvLine[] {
  const known = new Map(variables);
  const found: EnvLine[] = [];
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .slice(0, maxLines);
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? '').replace(/\r$/, '');
    const match = /^(\s*(?:export\s+)?)([A-Za-z_][\w.]*)\s*[=:]\s*/.exec(line);
    if (match === null) continue;
    const [whole, before = '', name = ''] = match;
    const at = { line: index + 1, column: before.length + 1 };
    let rest = line.slice(whole.length);
    const quote = rest[0];
    let value: string;
    if (quote === '"' || quote === "'") {
      let end = endOfQuote(rest, quote);
      while (end === -1 && index + 1 < lines.length && rest.length < 100_000) {
        index++;
        rest += `\n${(lines[index] ?? '').replace(/\r$/, '')}`;
        end = endOfQuote(rest, quote);
      }
      const inner = rest.slice(1, end === -1 ? undefined : end);
      value = quote === "'" ? inner : filled(unescaped(inner), known);
    } else {
      value = filled(rest.replace(/(^|\s)#.*$/, '').trim(), known);
    }
    // What the surroundings say is what later lines see, too.
    if (!variables.has(name)) known.set(name, value);
    found.push({ name, value, ...at });
  }
  return found;
}

function endOfQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\([^])/g, (whole, character: string) => escapes[character] ?? whole);
}

/** With variables filled in; one that is not set is empty, as the shell has it. */
function filled(value: string, variables: ReadonlyMap<string, string>): string {
  const { text, problem } = interpolate(value, variables);
  return problem === undefined ? text.replaceAll(unknownMark, '') : value;
}
