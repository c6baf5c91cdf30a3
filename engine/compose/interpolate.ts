/**
 * Variables in compose files: `$VAR`, `${VAR}`, and `${VAR` followed by `:-` `-` (default), `:?` `?` (required), `:+` `+`
 * (replacement), nested to any sensible depth; `$$` is a dollar sign. Source: Compose Specification, Interpolation.
 */

/** Stands in a text where a variable has no value that could be known. */
export const unknownMark = '\u0000';

export interface Interpolated {
  readonly text: string;
  /** Variables without a value, in order of appearance. Each shows as {@link unknownMark} in the text. */
  readonly unset: readonly string[];
  /** What is wrong with how it is written. */
  readonly problem?: string;
}

const maxNesting = 20;
const nameStart = /[A-Za-z_]/;

class Malformed extends Error {}

export function interpolate(source: string, variables: ReadonlyMap<string, string>): Interpolated {
  if (!source.includes('$')) return { text: source, unset: [] };
  const unset: string[] = [];
  try {
    return { text: expand(source, variables, unset, 0), unset };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { text: source, unset, problem: error.message };
  }
}

function expand(source: string, variables: ReadonlyMap<string, string>, unset: string[], depth: number): string {
  if (depth > maxNesting) throw new Malformed(`Variables are nested more than ${maxNesting} deep.`);
  let text = '';
  for (let at = 0; at < source.length;) {
    const dollar = source.indexOf('$', at);
    if (dollar === -1) return text + source.slice(at);
    text += source.slice(at, dollar);
    const next = source[dollar + 1] ?? '';
    if (next === '$') {
      text += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closing(source, dollar + 2);
      text += braced(source.slice(dollar + 2, end), variables, unset, depth);
      at = end + 1;
    } else if (nameStart.test(next)) {
      const name = /^\w+/.exec(source.slice(dollar + 1, dollar + 1 + 1_000))?.[0] ?? '';
      text += valueOf(name, variables, unset);
      at = dollar + 1 + name.length;
    } else {
      throw new Malformed('A dollar sign is followed by no name; a plain one is written $$.');
    }
  }
  return text;
}

/** Where the brace that was opened before `from` is closed. */
function closing(source: string, from: number): number {
  let open = 1;
  for (let at = from; at < source.length; at++) {
    if (source[at] === '$' && source[at + 1] === '{') {
      open++;
      at++;
    } else if (source[at] === '}') {
      open--;
      if (open === 0) return at;
    }
  }
  throw new Malformed('A ${ is not closed.');
}

function valueOf(name: string, variables: ReadonlyMap<string, string>, unset: string[]): string {
  const value = variables.get(name);
  if (value !== undefined) return value;
  unset.push(name);
  return unknownMark;
}

function braced(inner: string, variables: ReadonlyMap<string, string>, unset: string[], depth: number): string {
  const match = /^([A-Za-z_]\w*)(?:(:?[-?+])([^]*))?$/.exec(inner);
  if (match === null) throw new Malformed(`\${${inner.slice(0, 60)}} is not a variable.`);
  const [, name = '', operator, rest = ''] = match;
  const value = variables.get(name);
  const usable = operator?.startsWith(':') === true ? value !== undefined && value !== '' : value !== undefined;
  switch (operator?.at(-1)) {
    case '-':
      return usable ? (value ?? '') : expand(rest, variables, unset, depth + 1);
    case '+':
      return usable ? expand(rest, variables, unset, depth + 1) : '';
    case '?':
      if (usable) return value ?? '';
      unset.push(name);
      return unknownMark;
    default:
      return valueOf(name, variables, unset);
  }
}
