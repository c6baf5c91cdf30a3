import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import type { SetupPart, SetupStep } from '../../shared/contract/index.ts';
import { formatQuantity } from '../../shared/format.ts';
import { displayName, hasRawBytes } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { readForEdit } from '../layouts/index.ts';
import type { Action } from './actions.ts';
import { Ground, mayWrite } from './ground.ts';
import { relativeIn } from './real-place.ts';
import type { PlannedStep, SurveyRequest } from './survey-types.ts';
import { parseOwner } from './wanted.ts';
import type { Owner } from './wanted.ts';

/** Plans steps one by one, each by what is there and by what this user may do. */
export class Planner {
  readonly steps: PlannedStep[] = [];
  readonly notes: string[] = [];
  readonly fs: FileSystem;
  readonly request: SurveyRequest;
  readonly ground: Ground;

  constructor(fs: FileSystem, request: SurveyRequest) {
    this.fs = fs;
    this.request = request;
    this.ground = new Ground(fs, request.root, request.actor);
  }

  add(shown: SetupStep, action?: Action, changes = false): void {
    this.steps.push(action === undefined ? { shown } : { shown, action, changes });
  }

  owner(): Owner | undefined {
    const { owner, layout, actor } = this.request;
    if (actor === undefined) return undefined;
    const wanted = owner ?? layout.owner;
    return wanted === undefined ? undefined : parseOwner(wanted);
  }

  /** Whom the store's folders will belong to; undefined where that is root, as whom images do as they like. */
  holder(): Owner | undefined {
    const { actor } = this.request;
    // Only root can give folders away.
    const holder = actor?.uid === 0 ? this.owner() : actor;
    return holder === undefined || holder.uid === 0 ? undefined : { uid: holder.uid, gid: holder.gid };
  }

  /** A step that makes a folder, if this user may. */
  makeFolder(path: string, mode: number | undefined): boolean {
    const shown = { part: 'folders', kind: 'make-directory', path, detail: modeText(mode) } as const;
    if (!this.ground.mayWriteIn(dirname(path))) {
      const command = `sudo mkdir ${mode === undefined ? '' : `-m ${octal(mode)} `}-- ${shell(path)}`;
      const reason = `This user may not write to ${displayName(dirname(path))}.`;
      this.add({ ...shown, state: 'cannot', reason, command });
      return false;
    }
    this.ground.made.add(path);
    this.add({ ...shown, state: 'todo' }, { t: 'folder', path, mode });
    return true;
  }

  setMode(path: string, stats: BigIntStats, wanted: number | undefined): void {
    const { actor } = this.request;
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
      this.add({ ...shown, state: 'cannot', reason: `It belongs to user ${stats.uid}.`, command });
      return;
    }
    const action = { t: 'mode', path, before: now, after: wanted } as const;
    this.add({ ...shown, state: 'todo' }, action, this.ground.holdsAnything(path));
  }

  giveOld(path: string, part: SetupPart, stats: BigIntStats, owner: Owner | undefined): void {
    if (owner === undefined || (stats.uid === BigInt(owner.uid) && stats.gid === BigInt(owner.gid))) return;
    this.#give(path, part, { uid: Number(stats.uid), gid: Number(stats.gid) }, owner);
  }

  giveNew(path: string, part: SetupPart, owner: Owner | undefined): void {
    const { actor } = this.request;
    if (owner === undefined || actor === undefined || (actor.uid === owner.uid && actor.gid === owner.gid)) return;
    this.#give(path, part, undefined, owner);
  }

  #give(path: string, part: SetupPart, before: Owner | undefined, after: Owner): void {
    const { actor } = this.request;
    if (actor === undefined) return;
    const of = before === undefined ? '' : ` instead of ${before.uid}:${before.gid}`;
    const shown = { part, kind: 'set-owner', path, detail: `${after.uid}:${after.gid}${of}` } as const;
    const own = (before ?? actor).uid === actor.uid && after.uid === actor.uid && actor.groups.includes(after.gid);
    if (actor.uid !== 0 && !own) {
      const command = `sudo chown ${after.uid}:${after.gid} -- ${shell(path)}`;
      this.add({ ...shown, state: 'cannot', reason: 'Only root gives files away.', command });
      return;
    }
    const changes = before !== undefined && this.ground.holdsAnything(path);
    this.add({ ...shown, state: 'todo' }, { t: 'owner', path, before, after }, changes);
  }

  /** A new file, or the one that is there and stays. */
  file(part: SetupPart, path: string, text: string): void {
    const { root, layout, actor } = this.request;
    const inside = relativeIn(root, path) !== undefined;
    const mode = layout.fileMode === undefined || !inside ? 0o644 : Number.parseInt(layout.fileMode, 8);
    const shown = { part, kind: 'write-file', path, detail: actor === undefined ? '' : octal(mode) } as const;
    const owner = inside ? this.owner() : undefined;
    let stats: BigIntStats | undefined;
    try {
      stats = this.fs.lstat(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) {
        this.add({ ...shown, state: 'cannot', reason: toLarderError(error, path).message });
        return;
      }
    }
    if (stats !== undefined) {
      const same = stats.isFile() && this.ground.textOf(path) === text;
      this.add({
        ...shown,
        detail: same ? 'is there' : '',
        state: 'already',
        ...(same ? {} : { reason: 'It is there already and stays as it is.', text }),
      });
      if (same) this.giveOld(path, part, stats, owner);
      return;
    }
    const folder = inside ? this.ground.find(dirname(path)) : undefined;
    if (folder?.is === 'linked' || folder?.is === 'blocked') {
      this.add({ ...shown, state: 'cannot', reason: folder.reason, text });
      return;
    }
    if (!this.ground.mayWriteIn(dirname(path))) {
      const reason = `This user may not write to ${displayName(dirname(path))}.`;
      this.add({ ...shown, state: 'cannot', reason, text });
      return;
    }
    this.add({ ...shown, state: 'todo', text }, { t: 'create', path, text, mode, likeFolder: !inside });
    this.giveNew(path, part, owner);
  }

  /** A step that adds to a file that is there what `missing` finds it lacks. */
  lines(shown: { part: SetupPart; kind: 'append-lines'; path: string }, missing: (text: string) => string): void {
    const { path } = shown;
    const inside = relativeIn(this.request.root, path) !== undefined;
    const folder = inside ? this.ground.find(dirname(path)) : undefined;
    if (folder?.is === 'linked' || folder?.is === 'blocked') {
      this.add({ ...shown, detail: '', state: 'cannot', reason: folder.reason, text: missing('') });
      return;
    }
    let before: string;
    let stats: BigIntStats;
    try {
      const file = readForEdit(this.fs, path);
      if (file === undefined) return;
      before = file.text;
      stats = file.stats;
    } catch (error) {
      const { message } = toLarderError(error, path);
      const added = missing('');
      this.add({ ...shown, detail: '', state: 'cannot', reason: message, text: added });
      return;
    }
    const added = missing(before);
    if (added === '') {
      this.add({ ...shown, detail: 'nothing is missing', state: 'already' });
      if (inside) this.giveOld(path, shown.part, stats, this.owner());
      return;
    }
    const detail = formatQuantity(added.trimEnd().split('\n').length, 'line');
    const { actor } = this.request;
    const may = actor === undefined || (mayWrite(actor, stats) && this.ground.mayWriteIn(dirname(path)));
    if (!may) {
      this.add({ ...shown, detail, state: 'cannot', reason: 'This user may not write to it.', text: added });
      return;
    }
    this.add({ ...shown, detail, state: 'todo', text: added }, { t: 'append', path, before, added }, true);
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

export function modeText(mode: number | undefined): string {
  return mode === undefined ? '' : octal(mode);
}

/** A path as a word of a shell. */
function shell(path: string): string {
  if (/^[\w./:@%+,=-]+$/.test(path)) return path;
  if (!hasRawBytes(path) && !/[\0-\x1f\x7f]/.test(path)) return `'${path.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${displayName(path.replace(/['\\]/g, String.raw`\$&`))}'`;
}
