/**
 * What a compose file says, as a tree in which every value knows the file, line and column it stands at.
 *
 * Values stay as written: interpolation happens when a value is read, with the variables of the file it came from. Nodes
 * are shared where YAML aliases share them, so a small file stays small whatever its aliases multiply to.
 */

import { interpolate } from './interpolate.ts';
import type { Interpolated } from './interpolate.ts';

/** Where something stands in a file. Line and column count from 1; `start` and `end` are offsets in its text. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
}

/** What the values of one file mean: which variables they see, and where its relative paths start. */
export interface Scope {
  readonly variables: ReadonlyMap<string, string>;
  /** Absolute. */
  readonly folder: string;
}

interface NodeBase {
  readonly spot: Spot;
  readonly scope: Scope;
  /** `!reset` takes away what an earlier file said, `!override` replaces instead of merging. */
  readonly tag?: 'reset' | 'override' | undefined;
  /** It is reached over an alias, so that changing it changes other places, too. */
  readonly shared?: boolean | undefined;
}

export interface Scalar extends NodeBase {
  readonly kind: 'scalar';
  readonly source: string;
  /** An empty value, `~` or `null`. */
  readonly empty: boolean;
  readonly quote?: "'" | '"' | undefined;
}

export interface List extends NodeBase {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly flow: boolean;
}

export interface Mapping extends NodeBase {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly flow: boolean;
}

export interface Entry {
  readonly key: Spot;
  readonly value: Node;
}

export type Node = Scalar | List | Mapping;

export function asMap(node: Node | undefined): Mapping | undefined {
  return node?.kind === 'map' ? node : undefined;
}

export function entry(node: Node | undefined, key: string): Node | undefined {
  return asMap(node)?.entries.get(key)?.value;
}

/** Whether the node says something: neither missing nor empty. */
export function isSaid(node: Node | undefined): node is Node {
  return node !== undefined && !(node.kind === 'scalar' && node.empty);
}

/** A value with its variables filled in. */
export function valueOf(node: Scalar): Interpolated {
  return interpolate(node.source, node.scope.variables);
}

/** The text of a plain value; undefined of anything else and of an empty one. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'scalar' && !node.empty ? valueOf(node).text : undefined;
}
