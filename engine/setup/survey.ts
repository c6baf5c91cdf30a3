import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { SetupPart } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { findMoves } from './found-moves.ts';
import type { FoundMove } from './found-moves.ts';
import { mayWrite } from './ground.ts';
import { modeText, Planner } from './planner.ts';
import { relativeIn } from './real-place.ts';
import { planCompose, planEnvironment, planGitignore, planLarderYaml, planReadme } from './survey-files.ts';
import type { Survey, SurveyRequest } from './survey-types.ts';
import { parseOwner, wantedFolders } from './wanted.ts';

/** The exact steps from what is there to what is wanted. Changes nothing. */
export function survey(fs: FileSystem, request: SurveyRequest, check: () => void): Survey {
  const planner = new Planner(fs, request);
  const { root, code, layout, move, leave, day, parts } = planner.request;
  const wants = (part: SetupPart): boolean => parts.includes(part);
  const found = findMoves({ fs: planner.fs, root, code, layout, chosen: move, leave, day, check: check });
  planRoot(planner, wants('folders'));
  if (wants('folders')) planFolders(planner);
  if (wants('larder.yaml')) planLarderYaml(planner);
  if (wants('environment')) planEnvironment(planner);
  if (wants('readme')) planReadme(planner);
  if (wants('compose')) planCompose(planner);
  if (wants('gitignore')) planGitignore(planner, found);
  noteOwner(planner);
  const moves = planMoves(planner, found);
  const bytesToCopy = moves.reduce((sum, { action, chosen }) => sum + (chosen ? (action?.allocated ?? 0) : 0), 0);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(layout))
    .update(JSON.stringify(planner.steps.map(({ action, shown }) => action ?? [shown.kind, shown.path, shown.state])))
    .digest('hex');
  return {
    steps: planner.steps,
    moves,
    bytesToCopy,
    free: freeAt(planner.fs, root),
    notes: planner.notes,
    fingerprint,
  };
}

function freeAt(fs: FileSystem, path: string): number {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = fs.statfs(at);
      return Math.max(0, bavail * bsize);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT') || dirname(at) === at) throw toLarderError(error, at);
    }
  }
}

/** An owner that cannot be given is best said otherwise, once and for all. */
function noteOwner(planner: Planner): void {
  const { actor, owner } = planner.request;
  const isRefused = planner.steps.some(({ shown }) => shown.kind === 'set-owner' && shown.state === 'cannot');
  if (!isRefused || actor === undefined || owner !== undefined) return;
  planner.notes.push(
    `The layout wants another owner than this user. With the owner ${actor.uid}:${actor.gid} (--owner) nothing of that is needed.`,
  );
}

/** The folders above the root that are missing, and the root itself where no other step makes it. */
function planRoot(planner: Planner, withFolders: boolean): void {
  const { root, parts } = planner.request;
  if (parts.length === 0) return;
  const missing: string[] = [];
  for (let at = root; !planner.ground.isThere(at); at = dirname(at)) missing.unshift(at);
  for (const path of withFolders ? missing.slice(0, -1) : missing) planner.makeFolder(path, undefined);
}

function planFolders(planner: Planner): void {
  const { root, layout, owner, actor } = planner.request;
  const ownOwner = owner === undefined ? undefined : parseOwner(owner);
  for (const folder of wantedFolders(layout, ownOwner)) {
    const path = folder.path === '' ? root : `${root}/${folder.path}`;
    const mode = actor === undefined ? undefined : folder.mode;
    const found = planner.ground.find(path);
    const step = { part: 'folders', kind: 'make-directory', path } as const;
    switch (found.is) {
      case 'missing':
        if (planner.makeFolder(path, mode)) planner.giveNew(path, 'folders', folder.owner);
        break;
      case 'made':
        break;
      case 'blocked':
        planner.add({ ...step, detail: modeText(mode), state: 'cannot', reason: found.reason });
        break;
      case 'linked':
        planner.add({ ...step, detail: '', state: found.harmless ? 'already' : 'cannot', reason: found.reason });
        break;
      case 'folder':
        planner.add({ ...step, detail: 'is there', state: 'already' });
        if (!folder.live) {
          planner.setMode(path, found.stats, mode);
          planner.giveOld(path, 'folders', found.stats, folder.owner);
        }
    }
  }
}

/** The moves chosen, as steps. */
function planMoves(planner: Planner, found: readonly FoundMove[]): FoundMove[] {
  const { move } = planner.request;
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
    const refusal = each.refusal ?? refuseMove(planner, each);
    if (refusal !== undefined || each.action === undefined) {
      planner.add({ ...shown, state: 'cannot', reason: refusal ?? '' });
      return { ...each, chosen: false, refusal };
    }
    planner.add({ ...shown, state: 'todo' }, each.action, true);
    return each;
  });
}

function refuseMove(planner: Planner, { from, to }: FoundMove): string | undefined {
  const { root, actor } = planner.request;
  const target = planner.ground.find(to);
  if (target.is === 'blocked' || target.is === 'linked') return target.reason;
  if (target.is === 'missing') return `${displayName(relativeIn(root, to) ?? to)} is not there.`;
  if (target.is === 'folder' && actor !== undefined && !mayWrite(actor, target.stats)) {
    return `This user may not write to ${displayName(to)}.`;
  }
  return planner.ground.mayWriteIn(dirname(from))
    ? undefined
    : `This user may not write to ${displayName(dirname(from))}.`;
}
