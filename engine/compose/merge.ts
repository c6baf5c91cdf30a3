import { LarderError } from '../../shared/contract/index.ts';
import { splitVolume } from './volume-text.ts';
import type { Entry, Mapping, Node } from './tree.ts';
import { entry, textOf } from './tree.ts';

/** Steps one project may take to merge; far above any real one, far below what aliases could multiply to. */
const maxSteps = 200_000;

/** Counts the work of merging one project, so that nested aliases cannot make it endless. */
export class Budget {
  private left = maxSteps;

  spend(): void {
    this.left--;
    if (this.left >= 0) return;
    throw new LarderError('LIMIT_REACHED', 'The compose files take too many steps to merge.', {
      hint: 'Their aliases or overrides multiply; simplify them.',
    });
  }
}

/**
 * A later compose file over an earlier one (Compose Specification, Merge): mappings merge, lists append, plain values and
 * commands replace; volumes, ports and the like are one an address; `environment` and other lists of `NAME=value` merge by
 * name; `!reset` takes away and `!override` replaces. `path` is where in the file this is: `services`, `*`, `volumes`.
 */
export function merge(base: Node, over: Node, path: readonly string[], budget: Budget): Node | undefined {
  budget.spend();
  if (over.tag === 'reset') return undefined;
  if (over.tag === 'override') return withoutTag(over);
  if (over.kind === 'scalar' && over.empty && base.kind !== 'scalar') return base;
  const service = path[0] === 'services' ? path.slice(2).join('.') : '';
  if (service === 'command' || service === 'entrypoint' || service === 'healthcheck.test') return over;
  if (namedLists.has(service)) return mergeNamed(base, over, path, budget);
  if (base.kind === 'map' && over.kind === 'map') return mergeMaps(base, over, path, budget);
  // One of several values may be given as a plain text: `tmpfs`, `env_file`, `dns`.
  if (base.kind === 'list' || over.kind === 'list') {
    if (base.kind === 'map' || over.kind === 'map') return mergeNamed(base, over, path, budget);
    const items = [...itemsOf(base), ...itemsOf(over)];
    return { ...over, kind: 'list', flow: false, items: service === 'volumes' ? unique(items, volumeTarget) : items };
  }
  return over;
}

/** Fields of a service that are a mapping or a list of `NAME=value`, or of names. */
const namedLists = new Set(['environment', 'labels', 'annotations', 'build.args', 'extra_hosts', 'sysctls']);

function withoutTag(node: Node): Node {
  const { tag: _tag, ...rest } = node;
  return rest;
}

function itemsOf(node: Node): readonly Node[] {
  if (node.kind === 'list') return node.items;
  return node.kind === 'scalar' && node.empty ? [] : [node];
}

/** Entries of the merged mapping; a tagged value that meets nothing is taken as it is, or left out. */
export function mergeMaps(base: Mapping, over: Mapping, path: readonly string[], budget: Budget): Mapping {
  const entries = new Map<string, Entry>(base.entries);
  for (const [name, { key, value }] of over.entries) {
    budget.spend();
    const before = entries.get(name);
    if (value.tag === 'reset') entries.delete(name);
    else if (before === undefined || name.startsWith('x-')) entries.set(name, { key, value: withoutTag(value) });
    else {
      const merged = merge(before.value, value, [...path, name], budget);
      if (merged === undefined) entries.delete(name);
      else entries.set(name, { key: before.key, value: merged });
    }
  }
  return { ...over, entries };
}

/** `NAME=value` lists as mappings; a name alone has an empty value. */
export function named(node: Node): ReadonlyMap<string, Entry> {
  if (node.kind === 'map') return node.entries;
  const entries = new Map<string, Entry>();
  for (const item of itemsOf(node)) {
    if (item.kind !== 'scalar') continue;
    const equals = item.source.indexOf('=');
    const name = equals === -1 ? item.source : item.source.slice(0, equals);
    const value = { ...item, source: equals === -1 ? '' : item.source.slice(equals + 1), empty: equals === -1 };
    entries.set(name.trim(), { key: item.spot, value });
  }
  return entries;
}

function mergeNamed(base: Node, over: Node, path: readonly string[], budget: Budget): Node {
  const asMapping = (node: Node): Mapping => ({
    kind: 'map',
    spot: node.spot,
    scope: node.scope,
    flow: false,
    entries: named(node),
  });
  return mergeMaps(asMapping(base), asMapping(over), path, budget);
}

function volumeTarget(node: Node): string {
  const target = node.kind === 'scalar' ? splitVolume(textOf(node) ?? '').target : textOf(entry(node, 'target'));
  return (target ?? '').replace(/\/+$/, '');
}

/** One item an address, the last one given, at the place of the first. */
function unique(items: readonly Node[], keyOf: (node: Node) => string): Node[] {
  const kept = new Map<string, Node>();
  for (const [index, item] of items.entries()) kept.set(keyOf(item) || `#${index}`, item);
  return [...kept.values()];
}
