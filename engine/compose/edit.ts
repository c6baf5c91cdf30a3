import { relative, resolve } from 'node:path';
import type { LoadedProject } from './load.ts';
import type { List, Mapping, Node } from './tree.ts';
import { asMap, isSaid } from './tree.ts';

/** A change of one file's text: what stands from `start` to `end` becomes `text`. */
export interface Edit {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Carries edits of one file out, last first; of those at one place, the first of the list comes first. Those that overlap
 * are a defect.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text;
  let before = Infinity;
  const order = edits.map((edit, index) => ({ edit, index }));
  for (const { edit } of order.sort((a, b) => b.edit.start - a.edit.start || b.index - a.index)) {
    if (edit.end > before) throw new Error('Two edits of one place.');
    before = edit.start;
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  }
  return result;
}

/** Makes edits of a project's files that keep everything else as it is. Undefined is returned where none is sure. */
export class Editor {
  private readonly project: LoadedProject;

  constructor(project: LoadedProject) {
    this.project = project;
  }

  private text(file: string): string {
    return this.project.texts.get(file) ?? '';
  }

  /**
   * A part of a value written anew: where `from` stands first, or last. Only within the file itself, not where an alias
   * leads; and not where it might be the name of a variable.
   */
  replace(node: Node, from: string, to: string, which: 'first' | 'last' = 'last'): Edit | undefined {
    if (node.shared === true || from === '') return undefined;
    const { file, start, end } = node.spot;
    const raw = this.text(file).slice(start, end);
    const [first, last] = [raw.indexOf(from), raw.lastIndexOf(from)];
    if (first === -1 || (first !== last && raw.includes('$'))) return undefined;
    const at = start + (which === 'first' ? first : last);
    return { file, start: at, end: at + from.length, text: to };
  }

  /** The whole of a plain value written anew, quotes as they were. */
  replaceAll(node: Node, to: string): Edit | undefined {
    if (node.kind !== 'scalar' || node.shared === true) return undefined;
    const quote = node.quote ?? '';
    const { file, start, end } = node.spot;
    return { file, start, end, text: quote + to + quote };
  }

  /** One more item at the end of a list in block or flow style. */
  addItem(list: List, item: string): Edit | undefined {
    if (list.shared === true) return undefined;
    const { file } = list.spot;
    const text = this.text(file);
    const last = list.items.at(-1);
    if (list.flow) {
      const end = last === undefined ? list.spot.start + 1 : lastOffset(last);
      return { file, start: end, end, text: `${last === undefined ? '' : ', '}"${item}"` };
    }
    if (last === undefined || last.shared === true) return undefined;
    const dash = text.lastIndexOf('-', last.spot.start);
    const lineStart = text.lastIndexOf('\n', dash) + 1;
    const indent = text.slice(lineStart, dash);
    if (!/^ *$/.test(indent)) return undefined;
    const quote = last.kind === 'scalar' ? (last.quote ?? '') : '';
    return this.insertLines(file, lastOffset(last), [`${indent}- ${quote}${item}${quote}`]);
  }

  /** One more key at the end of a mapping. `lines` are the key's own, the first without indent, further ones relative. */
  addKey(map: Mapping, lines: readonly string[], flow: string): Edit | undefined {
    const own = [...map.entries.values()].filter(
      ({ key, value }) => key.start >= map.spot.start && value.spot.file === map.spot.file && key.end <= map.spot.end,
    );
    const last = own.toSorted((a, b) => a.key.start - b.key.start).at(-1);
    if (map.shared === true || last === undefined) return undefined;
    const { file } = map.spot;
    if (map.flow) {
      const end = Math.max(last.key.end, lastOffset(last.value));
      return { file, start: end, end, text: `, ${flow}` };
    }
    const text = this.text(file);
    const first = own.toSorted((a, b) => a.key.start - b.key.start)[0] ?? last;
    const lineStart = text.lastIndexOf('\n', first.key.start - 1) + 1;
    const indent = text.slice(lineStart, first.key.start);
    if (!/^ *$/.test(indent)) return undefined;
    const end =
      last.value.shared === true
        ? this.endOfShared(last.key.end, file)
        : Math.max(last.key.end, lastOffset(last.value));
    return this.insertLines(
      file,
      end,
      lines.map((line) => indent + line),
    );
  }

  /** A value that is an alias ends where its line does. */
  private endOfShared(from: number, file: string): number {
    const text = this.text(file);
    const end = text.indexOf('\n', from);
    return end === -1 ? text.length : end;
  }

  /** Whole lines after the line that holds `offset`. */
  private insertLines(file: string, offset: number, lines: readonly string[]): Edit {
    const text = this.text(file);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const newline = endOfLine(text, offset);
    if (newline === -1) return { file, start: text.length, end: text.length, text: eol + lines.join(eol) + eol };
    return { file, start: newline + 1, end: newline + 1, text: lines.map((line) => line + eol).join('') };
  }

  /** A line or more taken out: the item of a list in block style, with its comment. */
  removeItem(list: List, item: Node): Edit | undefined {
    if (list.flow || list.shared === true || item.shared === true || list.items.length < 2) return undefined;
    return this.removeLines(item.spot.file, item.spot.start, lastOffset(item));
  }

  /** A key taken out with its value, in block style. */
  removeKey(map: Mapping, name: string): Edit | undefined {
    const found = map.entries.get(name);
    if (found === undefined || map.flow || map.shared === true || found.key.file !== map.spot.file) return undefined;
    if (found.key.start < map.spot.start || map.entries.size < 2) return undefined;
    const end = found.value.shared === true ? found.key.end : Math.max(found.key.end, lastOffset(found.value));
    return this.removeLines(map.spot.file, found.key.start, end);
  }

  private removeLines(file: string, from: number, to: number): Edit {
    const text = this.text(file);
    const start = text.lastIndexOf('\n', from - 1) + 1;
    const newline = endOfLine(text, to);
    return { file, start, end: newline === -1 ? text.length : newline + 1, text: '' };
  }

  /** The mapping of a service as the first file that has it says, and the one that already lists volumes. */
  private ownOf(service: string) {
    const own = this.project.own.get(service) ?? [];
    const lists = own.map((map) => map.entries.get('volumes')?.value);
    return {
      first: own[0],
      withVolumes: own.find((map) => isSaid(map.entries.get('volumes')?.value)),
      taken: lists.findLast((list) => list?.tag !== undefined),
    };
  }

  /** One more volume in short syntax for a service. */
  addMount(service: string, volume: string): Edit | undefined {
    const { first, withVolumes, taken } = this.ownOf(service);
    // What a later file takes away or replaces is not added to in an earlier one.
    if (taken !== undefined)
      return taken.kind === 'list' && taken.tag === 'override' ? this.addItem(taken, volume) : undefined;
    const list = withVolumes?.entries.get('volumes')?.value;
    if (list !== undefined) return list.kind === 'list' ? this.addItem(list, volume) : undefined;
    return first === undefined
      ? undefined
      : this.addKey(first, ['volumes:', `  - ${volume}`], `volumes: ["${volume}"]`);
  }

  addToService(service: string, line: string): Edit | undefined {
    const { first } = this.ownOf(service);
    return first === undefined ? undefined : this.addKey(first, [line], line);
  }

  /** Declares a named volume in the first file of the project that declares some, or in its first file. */
  addVolume(name: string, like: string): Edit | undefined {
    const file =
      [...this.project.roots].find(([, root]) => asMap(root.entries.get('volumes')?.value) !== undefined)?.[0] ?? like;
    const root = this.project.roots.get(file);
    if (root === undefined || root.flow) return undefined;
    const volumes = root.entries.get('volumes');
    const text = this.text(file);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    if (volumes === undefined) {
      if (/^\.\.\.\s*$/m.test(text)) return undefined;
      const gap = text.endsWith('\n') ? '' : eol;
      return { file, start: text.length, end: text.length, text: `${gap}${eol}volumes:${eol}  ${name}:${eol}` };
    }
    const { value } = volumes;
    if (value.kind === 'map' && value.entries.size > 0) return this.addKey(value, [`${name}:`], `${name}: {}`);
    if (value.kind === 'map') return { file, start: value.spot.start, end: value.spot.end, text: `{ ${name}: {} }` };
    return isSaid(value) ? undefined : this.insertLines(file, volumes.key.end, [`  ${name}:`]);
  }

  /** A new first key of a file, after the comments and the document mark it begins with. */
  addFirst(file: string, line: string): Edit | undefined {
    const root = this.project.roots.get(file);
    if (root === undefined || root.flow) return undefined;
    const text = this.text(file);
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    // `version:` comes first by habit.
    const { start } = root.spot;
    if (text.slice(text.lastIndexOf('\n', start - 1) + 1, start) !== '') return undefined;
    return { file, start, end: start, text: `${line}${eol}` };
  }
}

/** Where the line ends that something ends in; a block of text (`|`) takes its line's end with it. */
function endOfLine(text: string, offset: number): number {
  return text.indexOf('\n', text[offset - 1] === '\n' ? offset - 1 : offset);
}

/** The end of the last thing written in a node, without the space and comments after it. */
export function lastOffset(node: Node): number {
  if (node.kind === 'scalar' || node.flow) return node.spot.end;
  let end = node.spot.start;
  if (node.kind === 'list') {
    for (const item of node.items) if (item.shared !== true) end = Math.max(end, lastOffset(item));
  } else {
    for (const { key, value } of node.entries.values()) {
      if (key.start < node.spot.start || key.start > node.spot.end) continue;
      end = Math.max(end, key.end, value.shared === true ? key.end : lastOffset(value));
    }
  }
  return end;
}

/** A path as a compose file in `folder` would best name it: relative when it lies below, else absolute. */
export function pathFor(folder: string, path: string): string {
  const below = relative(folder, resolve(folder, path)).split('\\').join('/');
  if (below === '') return '.';
  return below.startsWith('..') || /^[A-Za-z]:/.test(below) ? path : `./${below}`;
}
