import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Node as YamlNode, ParsedNode } from 'yaml';
import { Budget, mergeMaps } from './merge.ts';
import type { Entry, List, Mapping, Node, Scalar, Scope, Spot } from './tree.ts';

/** Bytes of a file that is still read. Real compose files have a few kilobytes. */
export const maxFileBytes = 512 * 1024;
/** Aliases of one file. Each is a reference, not a copy, so this bounds what merging them can cost. */
const maxAliases = 2_000;
const maxDepth = 64;

export interface ParseProblem {
  readonly message: string;
  readonly spot: Spot;
}

export interface Parsed {
  /** Absent when the file holds nothing, or nothing that can be read. */
  readonly root?: Mapping;
  readonly problems: readonly ParseProblem[];
}

class Stop extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads YAML 1.2 with every plain value as text, the merge key `<<`, and Compose's tags `!reset` and `!override`. Never
 * throws for what the text holds: what is wrong with it is in `problems`.
 */
export function parseCompose(file: string, text: string, scope: Scope): Parsed {
  const lines = new LineCounter();
  const spotAt = (start: number, end = start): Spot => {
    const { line, col } = lines.linePos(Math.min(start, text.length));
    return { file, line: Math.max(1, line), column: Math.max(1, col), start, end };
  };
  const fail = (message: string, offset: number): Parsed => ({ problems: [{ message, spot: spotAt(offset) }] });
  const deep = tooDeep(text);
  if (deep) return fail(`It is nested more than ${maxDepth} levels deep.`, 0);
  let documents: readonly Document.Parsed[];
  try {
    const read = parseAllDocuments(text, {
      schema: 'failsafe',
      lineCounter: lines,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    });
    documents = 'empty' in read ? [] : read;
  } catch (error) {
    // The parser recurses; text made for it can exhaust the stack.
    return fail(`It cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`, 0);
  }
  const wrong = documents
    .flatMap(({ errors }) => errors)
    .map(({ message, pos }) => ({ message: sentence(message), spot: spotAt(pos[0]) }));
  // What follows the first is mostly its consequence.
  if (wrong.length > 0) return { problems: wrong.slice(0, 1) };
  try {
    const problems: ParseProblem[] = [];
    const budget = new Budget();
    let whole: Mapping | undefined;
    for (const document of documents) {
      const { contents } = document;
      if (contents === null || (isScalar(contents) && contents.value === '')) continue;
      const builder = new Builder(scope, spotAt);
      const root = builder.build(contents);
      if (root.kind !== 'map') return { problems: [{ message: 'It does not hold a mapping.', spot: root.spot }] };
      problems.push(...builder.problems);
      // Several documents of one file merge as files do.
      whole = whole === undefined ? root : { ...mergeMaps(whole, root, [], budget), spot: whole.spot };
    }
    return whole === undefined ? { problems } : { root: whole, problems };
  } catch (error) {
    if (error instanceof Stop) return fail(error.message, error.offset);
    throw error;
  }
}

/** Whether indentation or brackets nest deeper than any compose file, before the recursing parser sees them. */
function tooDeep(text: string): boolean {
  let open = 0;
  for (const line of text.split('\n')) {
    if (/^\s*(?:[-?:]\s+){64}/.test(line)) return true;
    const indent = line.length - line.trimStart().length;
    if (indent > 2_000) return true;
    for (const character of line) {
      if (character === '[' || character === '{') open++;
      else if ((character === ']' || character === '}') && open > 0) open--;
      if (open > 2_000) return true;
    }
  }
  return false;
}

function sentence(message: string): string {
  const first = message.slice(0, 300).split('\n')[0]?.trim() ?? '';
  return /[.?!]$/.test(first) ? first : `${first}.`;
}

function mergeSources(value: Node): readonly Mapping[] {
  if (value.kind === 'map') return [value];
  if (value.kind === 'list') return value.items.filter((item) => item.kind === 'map');
  return [];
}

class Builder {
  readonly problems: ParseProblem[] = [];
  private readonly anchors = new Map<string, YamlNode>();
  private readonly scope: Scope;
  private readonly spotAt: (start: number, end?: number) => Spot;
  private readonly built = new Map<YamlNode, Node>();
  private readonly open = new Set<YamlNode>();
  private aliases = 0;

  constructor(scope: Scope, spotAt: (start: number, end?: number) => Spot) {
    this.scope = scope;
    this.spotAt = spotAt;
  }

  build(node: ParsedNode | YamlNode): Node {
    if (isAlias(node)) return this.alias(node);
    const known = this.built.get(node);
    if (known !== undefined) return known;
    const offset = node.range?.[0] ?? 0;
    if (this.open.size >= maxDepth) throw new Stop(`It is nested more than ${maxDepth} levels deep.`, offset);
    this.open.add(node);
    // In the order of the text, so that an alias finds the last anchor of its name before it.
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    const made = this.make(node);
    this.open.delete(node);
    this.built.set(node, made);
    return made;
  }

  private alias(node: YamlNode): Node {
    const offset = node.range?.[0] ?? 0;
    this.aliases++;
    if (this.aliases > maxAliases) throw new Stop(`It has more than ${maxAliases} aliases.`, offset);
    // The library looks for an anchor through the whole document each time.
    const target = isAlias(node) ? this.anchors.get(node.source) : undefined;
    if (target === undefined) throw new Stop('An alias names an anchor that is not there.', offset);
    if (this.open.has(target)) throw new Stop('An alias contains itself.', offset);
    return { ...this.build(target), shared: true };
  }

  private make(node: YamlNode): Node {
    const [start, end] = node.range ?? [0, 0];
    const base = {
      spot: this.spotAt(start, end),
      scope: this.scope,
      ...(node.tag === '!reset' ? { tag: 'reset' as const } : {}),
      ...(node.tag === '!override' ? { tag: 'override' as const } : {}),
    };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.build(item as YamlNode));
      return { ...base, kind: 'list', items, flow: node.flow === true } satisfies List;
    }
    if (isMap(node)) return { ...base, kind: 'map', entries: this.entries(node.items), flow: node.flow === true };
    const { value, type } = isScalar(node) ? node : { value: '', type: undefined };
    const source = typeof value === 'string' ? value : '';
    const plain = type === 'PLAIN' || type === undefined;
    return {
      ...base,
      kind: 'scalar',
      source,
      empty: plain && /^(?:|~|null|Null|NULL)$/.test(source),
      ...(type === 'QUOTE_SINGLE' ? { quote: "'" as const } : {}),
      ...(type === 'QUOTE_DOUBLE' ? { quote: '"' as const } : {}),
    } satisfies Scalar;
  }

  /** Keys in order; own ones win over those of merge keys, and of several merged mappings the first (YAML 1.1 merge). */
  private entries(pairs: readonly { key: unknown; value: unknown }[]): Map<string, Entry> {
    const own = new Map<string, Entry>();
    const merged: Mapping[] = [];
    for (const { key, value } of pairs) {
      const keyNode = key as YamlNode | null;
      const offset = keyNode?.range?.[0] ?? 0;
      const keyEnd = keyNode?.range?.[1] ?? offset;
      const name = keyNode === null ? { kind: 'list' as const } : this.build(keyNode);
      if (name.kind !== 'scalar') throw new Stop('A key is not a plain text.', offset);
      const built = value === null ? this.nothingAt(keyEnd + 1) : this.build(value as YamlNode);
      if (name.source === '<<' && name.quote === undefined) {
        merged.push(...mergeSources(built));
        continue;
      }
      const spot = this.spotAt(offset, keyEnd);
      if (own.has(name.source)) this.problems.push({ message: `The key ${name.source} is there twice.`, spot });
      own.set(name.source, { key: spot, value: built });
    }
    for (const { entries } of merged) {
      for (const [name, { key, value }] of entries) {
        if (!own.has(name)) own.set(name, { key, value: { ...value, shared: true } });
      }
    }
    return own;
  }

  private nothingAt(offset: number): Scalar {
    return { kind: 'scalar', source: '', empty: true, spot: this.spotAt(offset), scope: this.scope };
  }
}
