import { basename, dirname, resolve } from 'node:path';
import type { MoveLeaves, SetupMove, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import type { MoveAction } from './actions.ts';
import { relativeIn } from './real-place.ts';
import { treeFacts } from './tree-facts.ts';

export interface FindMoves {
  readonly fs: FileSystem;
  readonly root: string;
  /** Real path of the folder whose code kept data in itself. */
  readonly code: string;
  readonly layout: Pick<StoreLayout, 'moves'>;
  readonly chosen: 'all' | readonly string[];
  readonly leave: MoveLeaves;
  /** Day that the old places are named after, `20261120`. */
  readonly day: string;
  readonly check: () => void;
}

export interface FoundMove extends SetupMove {
  /** Absent when it cannot be moved. */
  readonly action: MoveAction | undefined;
}

/** Names that programs have; a folder with such files at its top is part of the code, whatever it is called. */
const programFile = /\.(?:py|pyx|ts|tsx|js|jsx|mjs|cjs|go|rs|java|kt|c|cc|cpp|h|hpp|rb|php|swift|cs)$/i;

/** Data at the places a layout says it used to be, in the layout's order. */
export function findMoves(options: FindMoves): FoundMove[] {
  const { fs, root, code, layout } = options;
  const found: FoundMove[] = [];
  const seen = new Set<string>();
  const taken = new Map<string, string>();
  for (const { from: place, to: area } of layout.moves) {
    const from = resolve(code, place);
    const to = area === '' ? root : `${root}/${area}`;
    if (seen.has(from) || from === root || relativeIn(root, from) !== undefined || relativeIn(from, root) !== undefined)
      continue;
    seen.add(from);
    const move = look(options, from, to, taken);
    if (move === undefined) continue;
    found.push(move);
    if (move.action !== undefined) for (const name of fs.readNames(from)) taken.set(`${to}/${name}`, from);
  }
  return found;
}

function look(
  { fs, root, chosen, leave, day, check }: FindMoves,
  from: string,
  to: string,
  taken: ReadonlyMap<string, string>,
): FoundMove | undefined {
  const empty = { from, to, files: 0, bytes: 0, chosen: false, action: undefined };
  try {
    const stats = fs.lstat(from);
    if (stats.isSymbolicLink()) {
      // Where it leads into the store, somebody has moved it already.
      const real = realPathOf(fs, from);
      if (real === undefined || relativeIn(root, real) !== undefined) return undefined;
      return { ...empty, refusal: `It is a link to ${displayName(real)}, which stays where it is.` };
    }
    if (!stats.isDirectory()) return undefined;
    const names = fs.readNames(from);
    if (names.length === 0) return undefined;
    if (fs.realPath(from) !== from) return { ...empty, refusal: 'A folder above it is a link.' };
    const program = names.find((name) => programFile.test(name));
    if (program !== undefined) {
      return { ...empty, refusal: `It holds program code (${displayName(program)}); move the data in it by hand.` };
    }
    if (fs.lstat(dirname(from)).dev !== stats.dev) {
      return { ...empty, refusal: 'Another file system is mounted there.' };
    }
    const facts = treeFacts(fs, from, check);
    const figures = { from, to, files: facts.files, bytes: facts.bytes };
    const refuse = (refusal: string): FoundMove => ({ ...figures, chosen: false, refusal, action: undefined });
    if (facts.files === 0) return undefined;
    if (facts.refusal !== undefined) return refuse(`${capital(facts.refusal)}.`);
    const there = new Set(namesIn(fs, to));
    const clash = names.find((name) => there.has(name) || taken.has(`${to}/${name}`));
    if (clash !== undefined) {
      const other = taken.get(`${to}/${clash}`);
      return refuse(
        other === undefined
          ? `${displayName(to)} has ${displayName(clash)} already.`
          : `${displayName(other)} has ${displayName(clash)}, too, and both would go to ${displayName(to)}.`,
      );
    }
    const action: MoveAction = {
      t: 'move',
      ...figures,
      kept: freeName(fs, `${from}.moved-${day}`),
      leave,
      digest: facts.digest,
      allocated: facts.allocated,
    };
    return { ...figures, chosen: chosen === 'all' || chosen.includes(from), action };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    return { ...empty, refusal: `Something in it ${reasonOf(error)}.` };
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function realPathOf(fs: FileSystem, path: string): string | undefined {
  try {
    return fs.realPath(path);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function namesIn(fs: FileSystem, folder: string): string[] {
  try {
    return fs.readNames(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}

function freeName(fs: FileSystem, wanted: string): string {
  const names = new Set(fs.readNames(dirname(wanted)));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!names.has(basename(name))) return name;
  }
}
