/**
 * The globs of a store's exclusions, over path text relative to the store's root.
 *
 * - `*` any characters but `/`, also none; `?` one character; `[a-z]` one of these, `[!a-z]` or `[^a-z]` one of the
 *   others; `\` takes the next character as it is. A leading dot is a character like any other.
 * - `**` as a whole part stands for any number of folders, also none: `a/**` is `a` and everything in it.
 * - Without `/` a glob is over the name and matches at any depth; with one, also a leading one, over the whole path. One
 *   that ends in `/` matches folders only.
 *
 * Each `*` is tried from left to right and only the last one is ever moved, as the first match of what lies between two
 * is as good as any other: the time is bounded by the length of the pattern times that of the path, where an expression
 * of the runtime's (to which the well-known libraries compile) can take exponentially long over a name made for it.
 */

interface CharacterClass {
  readonly negated: boolean;
  /** Inclusive ranges of code points. */
  readonly ranges: readonly (readonly [number, number])[];
}

type Token = string | '*' | '?' | CharacterClass;

interface Literal {
  readonly literal: string;
}

type Part = readonly (Literal | '*' | '?' | CharacterClass)[];

interface Glob {
  readonly pattern: string;
  readonly foldersOnly: boolean;
  /** Over the name alone. */
  readonly name: Part | undefined;
  /** Over the whole path. */
  readonly parts: readonly (Part | '**')[];
  /** Ordinary text it begins and ends with: what most paths fail on. */
  readonly head: string;
  readonly tail: string;
}

export class Globs {
  readonly #globs: readonly Glob[];

  constructor(patterns: readonly string[]) {
    this.#globs = patterns.map(compile);
  }

  /** The first pattern that matches a path, or undefined. */
  match(path: string, isFolder: boolean): string | undefined {
    if (this.#globs.length === 0) return undefined;
    const name = path.slice(path.lastIndexOf('/') + 1);
    let names: string[] | undefined;
    for (const glob of this.#globs) {
      if (glob.foldersOnly && !isFolder) continue;
      const subject = glob.name === undefined ? path : name;
      if (!subject.startsWith(glob.head) || !subject.endsWith(glob.tail)) continue;
      if (glob.name === undefined) {
        names ??= path.split('/');
        if (matchParts(glob.parts, names)) return glob.pattern;
      } else if (matchPart(glob.name, name)) return glob.pattern;
    }
    return undefined;
  }
}

function compile(pattern: string): Glob {
  const foldersOnly = pattern.length > 1 && pattern.endsWith('/') && !pattern.endsWith('\\/');
  const body = (foldersOnly ? pattern.slice(0, -1) : pattern).replace(/^\.\//, '/');
  const texts = splitParts(body);
  const anchored = texts.length > 1;
  if (texts[0] === '') texts.shift();
  const parts = texts.map((text): Part | '**' => (text === '**' ? '**' : parsePart(text)));
  const only = parts.length === 1 && !anchored ? parts[0] : undefined;
  const name = only === '**' ? (['*'] as const) : only;
  return {
    pattern,
    foldersOnly,
    name,
    parts,
    head: name === undefined ? headOf(parts) : literalOf(name[0]),
    tail: literalOf((name ?? lastOf(parts)).at(-1)),
  };
}

function literalOf(token: Part[number] | undefined): string {
  return typeof token === 'object' && 'literal' in token ? token.literal : '';
}

function headOf(parts: Glob['parts']): string {
  const [first] = parts;
  return first === undefined || first === '**' ? '' : literalOf(first[0]);
}

/** The part a path must end with; none when `**` comes last, as that may stand for nothing. */
function lastOf(parts: Glob['parts']): Part {
  const last = parts.at(-1);
  return last === undefined || last === '**' ? [] : last;
}

/** Cuts at every `/`: no name holds one, so escaping it changes nothing. */
function splitParts(pattern: string): string[] {
  const parts = [''];
  for (let at = 0; at < pattern.length; at += 1) {
    let text = pattern[at] ?? '';
    if (text === '\\' && at + 1 < pattern.length) {
      at += 1;
      text = pattern[at] === '/' ? '/' : text + (pattern[at] ?? '');
    }
    if (text === '/') parts.push('');
    else parts.push((parts.pop() ?? '') + text);
  }
  return parts;
}

function parsePart(text: string): Part {
  const characters = Array.from(text);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (character === '?') tokens.push('?');
    else if (character === '\\') {
      at += 1;
      tokens.push(`=${characters[at] ?? '\\'}`);
    } else if (character === '[') {
      const found = parseClass(characters, at);
      if (found === undefined) tokens.push('=[');
      else {
        tokens.push(found.token);
        at = found.end;
      }
    } else tokens.push(`=${character}`);
  }
  return joinLiterals(tokens);
}

/** A class from its `[` on; undefined when it is never closed, so that the bracket is an ordinary character. */
function parseClass(characters: readonly string[], start: number): { token: CharacterClass; end: number } | undefined {
  let at = start + 1;
  const negated = characters[at] === '!' || characters[at] === '^';
  if (negated) at += 1;
  const ranges: (readonly [number, number])[] = [];
  const take = (): number => {
    if (characters[at] === '\\' && at + 1 < characters.length) at += 1;
    const point = characters[at]?.codePointAt(0) ?? 0;
    at += 1;
    return point;
  };
  // A bracket that comes first is one of the characters.
  for (let first = true; at < characters.length; first = false) {
    if (characters[at] === ']' && !first) return { token: { negated, ranges }, end: at };
    const from = take();
    const isRange = characters[at] === '-' && at + 1 < characters.length && characters[at + 1] !== ']';
    if (isRange) at += 1;
    ranges.push([from, isRange ? take() : from]);
  }
  return undefined;
}

/** Characters by themselves carry a `=` before them, so that they are not taken for wildcards. */
function joinLiterals(tokens: readonly Token[]): Part {
  const part: (Literal | '*' | '?' | CharacterClass)[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') part.push({ literal });
    literal = '';
  };
  for (const token of tokens) {
    if (typeof token === 'string' && token.startsWith('=')) literal += token.slice(1);
    else {
      flush();
      part.push(token as '*' | '?' | CharacterClass);
    }
  }
  flush();
  return part;
}

/** Where a match of one token that is not `*` ends, or -1. */
function step(token: Literal | '?' | CharacterClass, text: string, at: number): number {
  if (typeof token === 'object' && 'literal' in token) {
    return text.startsWith(token.literal, at) ? at + token.literal.length : -1;
  }
  const point = text.codePointAt(at);
  if (point === undefined) return -1;
  const next = at + (point > 0xffff ? 2 : 1);
  if (token === '?') return next;
  return token.ranges.some(([from, to]) => point >= from && point <= to) === token.negated ? -1 : next;
}

function matchPart(part: Part, text: string): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let from = 0;
  for (;;) {
    const one = part[token];
    if (one === '*') {
      star = token;
      token += 1;
      from = at;
      continue;
    }
    const next = one === undefined ? (at === text.length ? at : -1) : step(one, text, at);
    if (next >= 0) {
      if (one === undefined) return true;
      token += 1;
      at = next;
      continue;
    }
    if (star < 0 || from >= text.length) return false;
    from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
    token = star + 1;
    at = from;
  }
}

function matchParts(parts: readonly (Part | '**')[], names: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star = -1;
  let from = 0;
  for (;;) {
    const one = parts[part];
    if (one === '**') {
      star = part;
      part += 1;
      from = at;
      continue;
    }
    const name = names[at];
    if (one === undefined && name === undefined) return true;
    if (one !== undefined && name !== undefined && matchPart(one, name)) {
      part += 1;
      at += 1;
      continue;
    }
    if (star < 0 || from >= names.length) return false;
    from += 1;
    part = star + 1;
    at = from;
  }
}
