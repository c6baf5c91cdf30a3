import { isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { Pair, YAMLMap } from 'yaml';
import { readYaml } from './yaml-text.ts';

/** A value to write: what JSON has. */
export type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

/** Fields written on one line. */
const onOneLine = new Set(['backup', 'cleanup']);

/**
 * Sets a value in a text of YAML, or takes it out (`undefined`), and changes no other line: comments, order, spaces and
 * line ends stay as they are. Maps on the way are made. Throws `RangeError` where the text has something on the way that
 * cannot be changed so.
 */
export function setInText(text: string, path: readonly string[], value: Value | undefined): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const editor = new Editor(text, eol);
  return editor.set(path, value);
}

class Editor {
  readonly #text: string;
  readonly #eol: string;

  constructor(text: string, eol: string) {
    this.#text = text;
    this.#eol = eol;
  }

  set(path: readonly string[], value: Value | undefined): string {
    const { document } = readYaml(this.#text);
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      return value === undefined ? this.#text : this.#append(nested(path, value));
    }
    if (!isMap(contents)) throw new RangeError('it does not begin with names and values');
    let map: YAMLMap = contents;
    let holder: Pair | undefined;
    let above: YAMLMap | undefined;
    for (const [index, name] of path.entries()) {
      const pair = pairOf(map, name);
      const isLast = index === path.length - 1;
      if (pair === undefined) {
        if (value === undefined) return this.#text;
        const made = isLast ? value : nested(path.slice(index + 1), value);
        // `{}` in which nothing is grows better as lines of its own.
        if (holder !== undefined && above !== undefined && above.flow !== true && map.items.length === 0) {
          return this.#replace(above, holder, { [name]: made }, index - 1);
        }
        return this.#insert(map, name, made, index);
      }
      if (isLast) return value === undefined ? this.#remove(map, pair, index) : this.#replace(map, pair, value, index);
      if (!isMap(pair.value)) {
        if (value === undefined) return this.#text;
        return this.#replace(map, pair, nested(path.slice(index + 1), value), index);
      }
      [above, holder, map] = [map, pair, pair.value];
    }
    throw new RangeError('there is no path to set');
  }

  /** Into a file that holds nothing but comments. */
  #append(values: Value): string {
    const before = this.#text === '' || this.#text.endsWith('\n') ? this.#text : this.#text + this.#eol;
    return before + this.#block(values, 0) + this.#eol;
  }

  #insert(map: YAMLMap, name: string, value: Value, depth: number): string {
    const last = map.items.at(-1);
    if (map.flow === true) {
      const entry = `${plain(name)}: ${flow(value)}`;
      if (last === undefined) {
        const at = rangeOf(map)[0] + 1;
        const close = this.#text.indexOf('}', at);
        return `${this.#text.slice(0, at)} ${entry} ${this.#text.slice(close)}`;
      }
      const at = endOf(last);
      return `${this.#text.slice(0, at)}, ${entry}${this.#text.slice(at)}`;
    }
    const first = map.items[0];
    if (last === undefined || first === undefined) throw new RangeError('a map without entries has no place');
    const indent = this.#columnOf(first);
    const at = this.#lineEnd(endOf(last));
    const lines = ' '.repeat(indent) + this.#pair(name, value, indent, depth);
    const before = this.#text.slice(0, at);
    return before + (before.endsWith('\n') ? '' : this.#eol) + lines + this.#eol + this.#text.slice(at);
  }

  #replace(map: YAMLMap, pair: Pair, value: Value, depth: number): string {
    const old = pair.value;
    if (map.flow === true) {
      if (!isNode(old) || old.range == null) throw new RangeError('a value has no place');
      const inline = flow(value);
      if (old.range[0] === old.range[1]) {
        const colon = this.#colonOf(pair);
        return `${this.#text.slice(0, colon)}: ${inline}${this.#text.slice(old.range[1])}`;
      }
      return this.#text.slice(0, old.range[0]) + inline + this.#text.slice(old.range[1]);
    }
    const isInline =
      isNode(old) &&
      old.range != null &&
      old.range[0] !== old.range[1] &&
      !this.#text.slice(...span(old.range)).includes('\n') &&
      !this.#text.slice(this.#colonOf(pair), old.range[0]).includes('\n');
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const goesInline = !isObject(value) || onOneLine.has(key) || Object.keys(value).length === 0;
    if (isInline && goesInline && isNode(old) && old.range != null) {
      return this.#text.slice(0, old.range[0]) + flow(value) + this.#text.slice(old.range[1]);
    }
    // The value takes lines of its own, or will: what was said on and between them stays.
    const colon = this.#colonOf(pair) + 1;
    const end = this.#lineEnd(endOf(pair));
    const hadEnd = this.#text.slice(colon, end).endsWith('\n');
    const [head = '', ...rest] = this.#text
      .slice(colon, end)
      .replace(/\r?\n$/, '')
      .split(/\r?\n/);
    const remark = isInline && isNode(old) && old.range != null ? this.#text.slice(old.range[1], end) : head;
    const said = /(?:^|\s)(#.*)$/.exec(remark.trimEnd())?.[1];
    const comments = rest.filter((line) => line.trimStart().startsWith('#'));
    const indent = this.#columnOf(pair);
    const body = goesInline ? '' : this.#eol + this.#block(value, indent + 2, depth + 1);
    const lines =
      (goesInline ? ` ${flow(value)}` : '') +
      (said === undefined ? '' : ` ${said}`) +
      comments.map((line) => this.#eol + line).join('') +
      body;
    return this.#text.slice(0, colon) + lines + (hadEnd ? this.#eol : '') + this.#text.slice(end);
  }

  /** A whole area goes with what is said in it; of one of its values the comments stay. */
  #remove(map: YAMLMap, pair: Pair, depth: number): string {
    const index = map.items.indexOf(pair);
    if (map.flow === true) {
      const next = map.items[index + 1];
      const before = map.items[index - 1];
      if (next !== undefined) return this.#text.slice(0, startOf(pair)) + this.#text.slice(startOf(next));
      if (before !== undefined) return this.#text.slice(0, endOf(before)) + this.#text.slice(endOf(pair));
      return this.#text.slice(0, startOf(pair)).trimEnd() + this.#text.slice(endOf(pair)).trimStart();
    }
    const start = this.#lineStart(startOf(pair));
    if (this.#text.slice(start, startOf(pair)).trim() !== '') throw new RangeError('two names share a line');
    const end = this.#lineEnd(endOf(pair));
    const lines = this.#text.slice(start, end).split(/(?<=\n)/);
    const said = depth < 2 ? [] : lines.filter((line) => line.trimStart().startsWith('#'));
    // A name without anything is no map any more.
    if (map.items.length === 1) said.push(`${' '.repeat(this.#columnOf(pair))}{}${this.#eol}`);
    return this.#text.slice(0, start) + said.join('') + this.#text.slice(end);
  }

  #pair(name: string, value: Value, indent: number, depth: number): string {
    if (!isObject(value) || onOneLine.has(name) || Object.keys(value).length === 0) {
      return `${plain(name)}: ${flow(value)}`;
    }
    return `${plain(name)}:${this.#eol}${this.#block(value, indent + 2, depth + 1)}`;
  }

  #block(value: Value, indent: number, depth = 0): string {
    if (!isObject(value)) return ' '.repeat(indent) + flow(value);
    return Object.entries(value)
      .map(([name, each]) => ' '.repeat(indent) + this.#pair(name, each, indent, depth))
      .join(this.#eol);
  }

  #colonOf(pair: Pair): number {
    if (!isNode(pair.key) || pair.key.range == null) throw new RangeError('a name has no place');
    const at = this.#text.indexOf(':', pair.key.range[1]);
    if (at < 0 || this.#text.slice(pair.key.range[1], at).trim() !== '') throw new RangeError('a name has no colon');
    return at;
  }

  #columnOf(pair: Pair): number {
    return startOf(pair) - this.#lineStart(startOf(pair));
  }

  #lineStart(at: number): number {
    return this.#text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Behind the end of the line; of a value that ends with its line, there. */
  #lineEnd(at: number): number {
    if (at > 0 && this.#text[at - 1] === '\n') return at;
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#text.length : end + 1;
  }
}

function span(range: readonly number[]): [number, number] {
  return [range[0] ?? 0, range[1] ?? 0];
}

function isObject(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && !Array.isArray(value);
}

function nested(path: readonly string[], value: Value): Value {
  return path.reduceRight<Value>((inner, name) => ({ [name]: inner }), value);
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name);
}

function rangeOf(node: unknown): readonly [number, number] {
  if (!isNode(node) || node.range == null) throw new RangeError('a part of it has no place');
  return [node.range[0], node.range[1]];
}

function startOf(pair: Pair): number {
  return rangeOf(pair.key)[0];
}

/** Where the last thing of a pair ends: the ranges of lines of maps and lists reach into what follows them. */
function endOf(part: unknown): number {
  if (isPair(part)) {
    if (part.value === null || (isNode(part.value) && part.value.range == null)) return rangeOf(part.key)[1] + 1;
    return Math.max(endOf(part.value), rangeOf(part.key)[1] + 1);
  }
  if ((isMap(part) || isSeq(part)) && part.flow !== true) {
    const last = part.items.at(-1);
    if (last !== undefined) return endOf(last);
  }
  return rangeOf(part)[1];
}

/** Words that are not text when they stand alone, in YAML 1.2 or 1.1. */
const notText = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;

/** A text as YAML has it: as it is where that is read as the same text, else quoted as in JSON. */
function plain(text: string): string {
  return (/^[A-Za-z_][\w./-]*$/.test(text) && !notText.test(text)) || text === '.' ? text : JSON.stringify(text);
}

function flow(value: Value): string {
  if (typeof value === 'string') return plain(value);
  if (typeof value !== 'object') return String(value);
  if (!isObject(value)) return `[${value.map((each) => flow(each)).join(', ')}]`;
  const entries = Object.entries(value).map(([name, each]) => `${plain(name)}: ${flow(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
