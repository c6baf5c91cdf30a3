import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import type { BigIntStats } from 'node:fs';
import { LarderError } from '../../shared/contract/index.ts';
import type { MoveLeaves, SetupPart, SetupStep, StoreLayout } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { displayName, hasRawBytes } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { larderYamlJsonSchema, newLarderYaml, readForEdit, schemaFileName } from '../layouts/index.ts';
import type { Action } from './actions.ts';
import { findMoves } from './found-moves.ts';
import type { FoundMove } from './found-moves.ts';
import { relativeIn } from './real-place.ts';
import {
  composeText,
  environmentText,
  ignoreLine,
  missingLines,
  readmeText,
  variableLines,
  variablesIn,
  variablesOf,
} from './texts.ts';
import { bigAreas, environmentPath, parseOwner, wantedFolders } from './wanted.ts';
import type { Owner } from './wanted.ts';

/** Who would do it; undefined where files have no owners and modes (Windows). */
export interface Actor extends Owner {
  readonly groups: readonly number[];
}

export interface SurveyRequest {
  /** Real path of the root; its last folders may be missing. */
  readonly root: string;
  readonly layout: StoreLayout;
  readonly layoutId: string;
  readonly title: string;
  readonly parts: readonly SetupPart[];
  /** Instead of the layout's, as `UID:GID`. */
  readonly owner: string | undefined;
  readonly actor: Actor | undefined;
  readonly code: string;
  readonly move: 'all' | readonly string[];
  readonly leave: MoveLeaves;
  readonly day: string;
}

export interface PlannedStep {
  readonly shown: SetupStep;
  /** Absent when there is nothing to do, or nothing that can be done. */
  readonly action?: Action;
  /** It changes something of the person's that is there. */
  readonly changes?: boolean;
}

export interface Survey {
  readonly steps: readonly PlannedStep[];
  readonly moves: readonly FoundMove[];
  /** Bytes that moves write, and what is free where they go. */
  readonly bytesToCopy: number;
  readonly free: number;
  readonly notes: readonly string[];
  readonly fingerprint: string;
}

/** Where a folder is made: real path of what is there, and the folders missing below it. */
export function locateRoot(fs: FileSystem, path: string): string {
  const missing: string[] = [];
  let at = resolve(path);
  for (;;) {
    try {
      fs.lstat(at);
      break;
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR') || dirname(at) === at) throw toLarderError(error, at);
      missing.unshift(basename(at));
      at = dirname(at);
    }
  }
  try {
    const real = fs.realPath(at);
    if (!fs.stat(real).isDirectory()) {
      throw new LarderError('INVALID_INPUT', `${displayName(at)} is not a folder.`, {
        hint: 'Choose the folder that is to hold the data.',
      });
    }
    return join(real, ...missing);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      throw new LarderError('INVALID_INPUT', `${displayName(at)} is a link that leads nowhere.`, { cause: error });
    }
    throw toLarderError(error, at);
  }
}

/** The exact steps from what is there to what is wanted. Changes nothing. */
export function survey(fs: FileSystem, request: SurveyRequest, check: () => void): Survey {
  return new Surveyor(fs, request, check).run();
}

type Found =
  | { readonly is: 'folder'; readonly stats: BigIntStats }
  /** Not there; will it be, when the steps so far are done. */
  | { readonly is: 'missing' }
  | { readonly is: 'made' }
  | { readonly is: 'linked'; readonly reason: string; readonly harmless: boolean }
  | { readonly is: 'blocked'; readonly reason: string };

class Surveyor {
  readonly #fs: FileSystem;
  readonly #request: SurveyRequest;
  readonly #check: () => void;
  readonly #steps: PlannedStep[] = [];
  readonly #notes: string[] = [];
  /** Folders that steps make. */
  readonly #made = new Set<string>();

  constructor(fs: FileSystem, request: SurveyRequest, check: () => void) {
    this.#fs = fs;
    this.#request = request;
    this.#check = check;
  }

  run(): Survey {
    const { root, code, layout, move, leave, day, parts } = this.#request;
    const wants = (part: SetupPart): boolean => parts.includes(part);
    const found = findMoves({ fs: this.#fs, root, code, layout, chosen: move, leave, day, check: this.#check });
    this.#root(wants('folders'));
    if (wants('folders')) this.#folders();
    if (wants('larder.yaml')) this.#larderYaml();
    if (wants('environment')) this.#environment();
    if (wants('readme')) this.#readme();
    if (wants('compose')) this.#compose();
    if (wants('gitignore')) this.#gitignore(found);
    this.#noteOwner();
    const moves = this.#moves(found);
    const bytesToCopy = moves.reduce((sum, { action, chosen }) => sum + (chosen ? (action?.allocated ?? 0) : 0), 0);
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(layout))
      .update(JSON.stringify(this.#steps.map(({ action, shown }) => action ?? [shown.kind, shown.path, shown.state])))
      .digest('hex');
    return { steps: this.#steps, moves, bytesToCopy, free: this.#free(), notes: this.#notes, fingerprint };
  }

  #free(): number {
    for (let at = this.#request.root; ; at = dirname(at)) {
      try {
        const { bavail, bsize } = this.#fs.statfs(at);
        return Math.max(0, bavail * bsize);
      } catch (error) {
        if (!isSystemError(error, 'ENOENT') || dirname(at) === at) throw toLarderError(error, at);
      }
    }
  }

  /** An owner that cannot be given is best said otherwise, once and for all. */
  #noteOwner(): void {
    const { actor, owner } = this.#request;
    const isRefused = this.#steps.some(({ shown }) => shown.kind === 'set-owner' && shown.state === 'cannot');
    if (!isRefused || actor === undefined || owner !== undefined) return;
    this.#notes.push(
      `The layout wants another owner than this user. With the owner ${actor.uid}:${actor.gid} (--owner) nothing of that is needed.`,
    );
  }

  #add(shown: SetupStep, action?: Action, changes = false): void {
    this.#steps.push(action === undefined ? { shown } : { shown, action, changes });
  }

  /** Who may get into a folder that holds nothing concerns nobody. */
  #holdsAnything(path: string): boolean {
    try {
      return this.#fs.readNames(path).length > 0;
    } catch (error) {
      if (isSystemError(error)) return true;
      throw error;
    }
  }

  #owner(): Owner | undefined {
    const { owner, layout, actor } = this.#request;
    if (actor === undefined) return undefined;
    const wanted = owner ?? layout.owner;
    return wanted === undefined ? undefined : parseOwner(wanted);
  }

  /** The folders above the root that are missing, and the root itself where no other step makes it. */
  #root(withFolders: boolean): void {
    const { root, parts } = this.#request;
    if (parts.length === 0) return;
    const missing: string[] = [];
    for (let at = root; !this.#isThere(at); at = dirname(at)) missing.unshift(at);
    for (const path of withFolders ? missing.slice(0, -1) : missing) this.#makeFolder(path, undefined);
  }

  #isThere(path: string): boolean {
    try {
      this.#fs.lstat(path);
      return true;
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
      throw toLarderError(error, path);
    }
  }

  #folders(): void {
    const { root, layout, owner, actor } = this.#request;
    const ownOwner = owner === undefined ? undefined : parseOwner(owner);
    for (const folder of wantedFolders(layout, ownOwner)) {
      const path = folder.path === '' ? root : `${root}/${folder.path}`;
      const mode = actor === undefined ? undefined : folder.mode;
      const found = this.#find(path);
      const step = { part: 'folders', kind: 'make-directory', path } as const;
      switch (found.is) {
        case 'missing':
          if (this.#makeFolder(path, mode)) this.#giveNew(path, 'folders', folder.owner);
          break;
        case 'made':
          break;
        case 'blocked':
          this.#add({ ...step, detail: modeText(mode), state: 'cannot', reason: found.reason });
          break;
        case 'linked':
          this.#add({ ...step, detail: '', state: found.harmless ? 'already' : 'cannot', reason: found.reason });
          break;
        case 'folder':
          this.#add({ ...step, detail: 'is there', state: 'already' });
          if (!folder.live) {
            this.#setMode(path, found.stats, mode);
            this.#giveOld(path, 'folders', found.stats, folder.owner);
          }
      }
    }
  }

  /** What a path inside the root is, links on the way not followed. */
  #find(path: string): Found {
    if (this.#made.has(path)) return { is: 'made' };
    const { root } = this.#request;
    const parts = (relativeIn(root, path) ?? '').split('/').filter((part) => part !== '');
    for (let depth = 0; depth <= parts.length; depth += 1) {
      const at = [root, ...parts.slice(0, depth)].join('/');
      let stats: BigIntStats;
      try {
        stats = this.#fs.lstat(at);
      } catch (error) {
        if (isSystemError(error, 'ENOENT')) return { is: 'missing' };
        return { is: 'blocked', reason: toLarderError(error, at).message };
      }
      const isLast = depth === parts.length;
      if (stats.isSymbolicLink()) return this.#link(at, isLast);
      if (!stats.isDirectory()) return { is: 'blocked', reason: `${displayName(at)} is not a folder.` };
      if (isLast) return { is: 'folder', stats };
    }
    return { is: 'missing' };
  }

  #link(at: string, isLast: boolean): Found {
    const { root } = this.#request;
    try {
      const real = this.#fs.realPath(at);
      const isFolder = this.#fs.stat(real).isDirectory();
      if (!isFolder) return { is: 'blocked', reason: `${displayName(at)} is a link to a file.` };
      const inside = relativeIn(root, real) !== undefined;
      const where = `${displayName(at)} is a link to ${displayName(real)}`;
      return inside && isLast
        ? { is: 'linked', harmless: true, reason: `${where}.` }
        : {
            is: 'linked',
            harmless: false,
            reason: `${where}${inside ? '' : ', outside the store'}; setup follows no links.`,
          };
    } catch (error) {
      if (!isSystemError(error)) throw error;
      return { is: 'blocked', reason: `${displayName(at)} is a link that leads nowhere.` };
    }
  }

  /** A step that makes a folder, if this user may. */
  #makeFolder(path: string, mode: number | undefined): boolean {
    const shown = { part: 'folders', kind: 'make-directory', path, detail: modeText(mode) } as const;
    if (!this.#mayWriteIn(dirname(path))) {
      const command = `sudo mkdir ${mode === undefined ? '' : `-m ${octal(mode)} `}-- ${shell(path)}`;
      const reason = `This user may not write to ${displayName(dirname(path))}.`;
      this.#add({ ...shown, state: 'cannot', reason, command });
      return false;
    }
    this.#made.add(path);
    this.#add({ ...shown, state: 'todo' }, { t: 'folder', path, mode });
    return true;
  }

  #mayWriteIn(folder: string): boolean {
    const { actor } = this.#request;
    if (this.#made.has(folder)) return true;
    let stats: BigIntStats;
    try {
      stats = this.#fs.stat(folder);
    } catch (error) {
      if (isSystemError(error)) return false;
      throw error;
    }
    return actor === undefined || mayWrite(actor, stats);
  }

  #setMode(path: string, stats: BigIntStats, wanted: number | undefined): void {
    const { actor } = this.#request;
    const now = Number(stats.mode) & 0o7777;
    if (wanted === undefined || actor === undefined || now === wanted) return;
    const shown = {
      part: 'folders',
      kind: 'set-mode',
      path,
      detail: `${octal(wanted)} instead of ${octal(now)}`,
    } as const;
    if (actor.uid !== 0 && BigInt(actor.uid) !== stats.uid) {
      const command = `sudo chmod ${octal(wanted)} -- ${shell(path)}`;
      this.#add({ ...shown, state: 'cannot', reason: `It belongs to user ${stats.uid}.`, command });
      return;
    }
    const action = { t: 'mode', path, before: now, after: wanted } as const;
    this.#add({ ...shown, state: 'todo' }, action, this.#holdsAnything(path));
  }

  #giveOld(path: string, part: SetupPart, stats: BigIntStats, owner: Owner | undefined): void {
    if (owner === undefined || (stats.uid === BigInt(owner.uid) && stats.gid === BigInt(owner.gid))) return;
    this.#give(path, part, { uid: Number(stats.uid), gid: Number(stats.gid) }, owner);
  }

  #giveNew(path: string, part: SetupPart, owner: Owner | undefined): void {
    const { actor } = this.#request;
    if (owner === undefined || actor === undefined || (actor.uid === owner.uid && actor.gid === owner.gid)) return;
    this.#give(path, part, undefined, owner);
  }

  #give(path: string, part: SetupPart, before: Owner | undefined, after: Owner): void {
    const { actor } = this.#request;
    if (actor === undefined) return;
    const of = before === undefined ? '' : ` instead of ${before.uid}:${before.gid}`;
    const shown = { part, kind: 'set-owner', path, detail: `${after.uid}:${after.gid}${of}` } as const;
    const own = (before ?? actor).uid === actor.uid && after.uid === actor.uid && actor.groups.includes(after.gid);
    if (actor.uid !== 0 && !own) {
      const command = `sudo chown ${after.uid}:${after.gid} -- ${shell(path)}`;
      this.#add({ ...shown, state: 'cannot', reason: 'Only root gives files away.', command });
      return;
    }
    const changes = before !== undefined && this.#holdsAnything(path);
    this.#add({ ...shown, state: 'todo' }, { t: 'owner', path, before, after }, changes);
  }

  /** A new file, or the one that is there and stays. */
  #file(part: SetupPart, path: string, text: string): void {
    const { root, layout, actor } = this.#request;
    const inside = relativeIn(root, path) !== undefined;
    const mode = layout.fileMode === undefined || !inside ? 0o644 : Number.parseInt(layout.fileMode, 8);
    const shown = { part, kind: 'write-file', path, detail: actor === undefined ? '' : octal(mode) } as const;
    const owner = inside ? this.#owner() : undefined;
    let stats: BigIntStats | undefined;
    try {
      stats = this.#fs.lstat(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) {
        this.#add({ ...shown, state: 'cannot', reason: toLarderError(error, path).message });
        return;
      }
    }
    if (stats !== undefined) {
      const same = stats.isFile() && this.#textOf(path) === text;
      this.#add({
        ...shown,
        detail: same ? 'is there' : '',
        state: 'already',
        ...(same ? {} : { reason: 'It is there already and stays as it is.', text }),
      });
      if (same) this.#giveOld(path, part, stats, owner);
      return;
    }
    const folder = inside ? this.#find(dirname(path)) : undefined;
    if (folder?.is === 'linked' || folder?.is === 'blocked') {
      this.#add({ ...shown, state: 'cannot', reason: folder.reason, text });
      return;
    }
    if (!this.#mayWriteIn(dirname(path))) {
      const reason = `This user may not write to ${displayName(dirname(path))}.`;
      this.#add({ ...shown, state: 'cannot', reason, text });
      return;
    }
    this.#add({ ...shown, state: 'todo', text }, { t: 'create', path, text, mode, likeFolder: !inside });
    this.#giveNew(path, part, owner);
  }

  #textOf(path: string): string | undefined {
    try {
      return this.#fs.readFile(path).toString('utf8');
    } catch (error) {
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }

  #larderYaml(): void {
    const { root, layout, layoutId, owner } = this.#request;
    const [problem] = layout.problems;
    if (problem !== undefined) {
      const line = problem.line === undefined ? '' : ` line ${problem.line}:`;
      this.#notes.push(`larder.yaml does not count:${line} ${problem.message}`);
    }
    const text = newLarderYaml(layoutId) + (owner === undefined ? '' : `owner: ${owner}\n`);
    this.#file('larder.yaml', `${root}/larder.yaml`, text);
    this.#file('larder.yaml', `${root}/${schemaFileName}`, larderYamlJsonSchema());
  }

  #environment(): void {
    const { root, layout } = this.#request;
    const variables = variablesOf(layout, root);
    if (variables.length === 0) return;
    const path = `${root}/${environmentPath(layout)}`;
    const shown = { part: 'environment', kind: 'append-lines', path } as const;
    if (!this.#isThere(path)) {
      this.#file('environment', path, environmentText(variables));
      return;
    }
    this.#lines(shown, (text) => {
      const there = variablesIn(text);
      const other = variables.filter(
        ({ name, value }) => there.has(name) && there.get(name) !== value.replace(/^(['"])(.*)\1$/, '$2'),
      );
      if (other.length > 0) {
        const names = other.map(({ name }) => name).join(', ');
        this.#notes.push(`${displayName(path)} has values of its own for ${names}; they stay.`);
      }
      return variableLines(variables.filter(({ name }) => !there.has(name)));
    });
  }

  /** A step that adds to a file that is there what `missing` finds it lacks. */
  #lines(shown: { part: SetupPart; kind: 'append-lines'; path: string }, missing: (text: string) => string): void {
    const { path } = shown;
    const inside = relativeIn(this.#request.root, path) !== undefined;
    let before: string;
    let stats: BigIntStats;
    try {
      const file = readForEdit(this.#fs, path);
      if (file === undefined) return;
      before = file.text;
      stats = file.stats;
    } catch (error) {
      const { message } = toLarderError(error, path);
      const added = missing('');
      this.#add({ ...shown, detail: '', state: 'cannot', reason: message, text: added });
      return;
    }
    const added = missing(before);
    if (added === '') {
      this.#add({ ...shown, detail: 'nothing is missing', state: 'already' });
      if (inside) this.#giveOld(path, shown.part, stats, this.#owner());
      return;
    }
    const detail = formatQuantity(added.trimEnd().split('\n').length, 'line');
    const { actor } = this.#request;
    const may = actor === undefined || (mayWrite(actor, stats) && this.#mayWriteIn(dirname(path)));
    if (!may) {
      this.#add({ ...shown, detail, state: 'cannot', reason: 'This user may not write to it.', text: added });
      return;
    }
    this.#add({ ...shown, detail, state: 'todo', text: added }, { t: 'append', path, before, added }, true);
  }

  #readme(): void {
    const { root, layout, title } = this.#request;
    this.#file('readme', `${root}/README.md`, readmeText(layout, title));
  }

  #compose(): void {
    const { root, layout } = this.#request;
    const folder = basename(root);
    const hasEnvironment = variablesOf(layout, root).length > 0;
    const text = composeText(layout, folder, hasEnvironment ? environmentPath(layout) : undefined);
    if (text === undefined) return;
    const path = `${dirname(root).replace(/\/$/, '')}/compose.larder.yaml`;
    if (hasRawBytes(folder)) {
      const reason = 'No compose file can name a folder whose name is not UTF-8.';
      this.#add({ part: 'compose', kind: 'write-file', path, detail: '', state: 'cannot', reason });
      return;
    }
    this.#file('compose', path, text);
  }

  /** Lines for the .gitignore of the project: at the top of the Git work tree, else in the folder the store lies in. */
  #gitignore(moves: readonly FoundMove[]): void {
    const { root, layout } = this.#request;
    const top = this.#workTree() ?? dirname(root);
    const wanted: string[] = [];
    const chosen = moves.flatMap((move) => (move.chosen && move.action !== undefined ? [move.action.kept] : []));
    const folders = [...bigAreas(layout), '.larder-undo'].map((area) => `${root}/${area}`);
    for (const folder of [...folders, ...chosen]) {
      const relative = relativeIn(top, folder);
      const line = relative === undefined ? undefined : ignoreLine(relative);
      if (line !== undefined) wanted.push(line);
    }
    const path = `${top.replace(/\/$/, '')}/.gitignore`;
    if (hasRawBytes(path) || wanted.some(hasRawBytes)) {
      const reason = 'No text can name a folder whose name is not UTF-8.';
      this.#add({ part: 'gitignore', kind: 'append-lines', path, detail: '', state: 'cannot', reason });
      return;
    }
    const text = (lines: readonly string[]): string =>
      lines.length === 0 ? '' : `# Data, kept by Larder\n${lines.map((line) => `${line}\n`).join('')}`;
    if (this.#isThere(path)) {
      this.#lines({ part: 'gitignore', kind: 'append-lines', path }, (now) => text(missingLines(now, wanted)));
    } else this.#file('gitignore', path, text(wanted));
  }

  #workTree(): string | undefined {
    for (let at = dirname(this.#request.root); ; at = dirname(at)) {
      if (this.#isThere(`${at.replace(/\/$/, '')}/.git`)) return at;
      if (dirname(at) === at) return undefined;
    }
  }

  /** The moves chosen, as steps. */
  #moves(found: readonly FoundMove[]): FoundMove[] {
    const { move, root, actor } = this.#request;
    const asked = move === 'all' ? [] : move.filter((path) => !found.some(({ from }) => from === path));
    if (asked[0] !== undefined) {
      throw new LarderError('NOT_FOUND', `${displayName(asked[0])} is no old place of this layout that holds data.`, {
        hint: 'Plan without moves to see which there are.',
      });
    }
    return found.map((each) => {
      const wanted = move === 'all' || move.includes(each.from);
      if (!wanted) return each;
      const shown = {
        part: 'move',
        kind: 'move',
        path: each.to,
        detail: `${formatQuantity(each.files, 'file')}, ${formatBytes(each.bytes)}, from ${displayName(each.from)}`,
      } as const;
      const refusal = each.refusal ?? this.#refuseMove(each, root, actor);
      if (refusal !== undefined || each.action === undefined) {
        this.#add({ ...shown, state: 'cannot', reason: refusal ?? '' });
        return { ...each, chosen: false, refusal };
      }
      this.#add({ ...shown, state: 'todo' }, each.action, true);
      return each;
    });
  }

  #refuseMove({ from, to }: FoundMove, root: string, actor: Actor | undefined): string | undefined {
    const target = this.#find(to);
    if (target.is === 'blocked' || target.is === 'linked') return target.reason;
    if (target.is === 'missing') return `${displayName(relativeIn(root, to) ?? to)} is not there.`;
    if (target.is === 'folder' && actor !== undefined && !mayWrite(actor, target.stats)) {
      return `This user may not write to ${displayName(to)}.`;
    }
    return this.#mayWriteIn(dirname(from)) ? undefined : `This user may not write to ${displayName(dirname(from))}.`;
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

function modeText(mode: number | undefined): string {
  return mode === undefined ? '' : octal(mode);
}

/** By the permission bits; lists of access rights beyond them are the system's to refuse. */
function mayWrite({ uid, gid, groups }: Actor, stats: BigIntStats): boolean {
  if (uid === 0) return true;
  const bits = Number(stats.mode);
  const need = stats.isDirectory() ? 0o3 : 0o2;
  const shift = stats.uid === BigInt(uid) ? 6 : [gid, ...groups].some((group) => stats.gid === BigInt(group)) ? 3 : 0;
  return ((bits >> shift) & need) === need;
}

/** A path as a word of a shell. */
export function shell(path: string): string {
  if (/^[\w./:@%+,=-]+$/.test(path)) return path;
  if (!hasRawBytes(path) && !/[\0-\x1f\x7f]/.test(path)) return `'${path.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${displayName(path.replace(/['\\]/g, String.raw`\$&`))}'`;
}
