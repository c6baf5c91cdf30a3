import { randomUUID } from 'node:crypto';
import { isLarderError, LarderError } from '../../shared/contract/index.ts';
import type { SetupResult, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import type { JobHandle, JobOutcome } from '../jobs/index.ts';
import type { MoveAction } from './actions.ts';
import type { MoveOwner } from './move-journal.ts';
import { relativeIn } from './real-place.ts';
import type { SetupRecords } from './records.ts';
import type { Survey, SurveyRequest } from './survey-types.ts';
import { moveTask, stepTask, surveyTask } from './tasks.ts';
import type { MoveMessage } from './tasks.ts';

export interface SetupParts {
  readonly context: EngineContext;
  readonly records: SetupRecords;
  /** This engine, as records and journals name it. */
  readonly owner: MoveOwner;
  /** Roots that this engine works on. */
  readonly active: Set<string>;
  addStore(input: { path: string; name?: string | undefined; layout: string | null }): Promise<Store>;
  removeStore(id: string): void;
}

export interface PlannedSetup {
  readonly request: SurveyRequest;
  readonly survey: Survey;
}

function refuseChanged(planned: Survey, now: Survey): void {
  if (planned.fingerprint === now.fingerprint) return;
  const keys = (survey: Survey): Map<string, string> =>
    new Map(
      survey.steps.map(({ action, shown }) => [`${shown.kind}\0${shown.path}`, JSON.stringify(action ?? shown.state)]),
    );
  const [before, after] = [keys(planned), keys(now)];
  const paths = new Set<string>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(key) !== after.get(key)) paths.add(key.slice(key.indexOf('\0') + 1));
  }
  const [first] = paths;
  throw new LarderError(
    'CHANGED_ON_DISK',
    first === undefined
      ? 'The layout of the folder changed meanwhile.'
      : `${displayName(first)} changed meanwhile${paths.size > 1 ? `, and ${paths.size - 1} more` : ''}.`,
    { hint: 'Nothing was done. Plan again.', details: { paths: [...paths] } },
  );
}

/** Carries out a plan: looks at every path again first, then does step after step. */
export async function applySetup(
  parts: SetupParts,
  { request, survey }: PlannedSetup,
  register: boolean | string,
  job: JobHandle,
): Promise<JobOutcome> {
  const { context, records, owner } = parts;
  const { pool } = context;
  const { root } = request;
  job.update({ phase: 'Checking' });
  refuseChanged(survey, await pool.run(surveyTask, request, { signal: job.signal }));
  const setup = `s-${randomUUID().slice(0, 8)}`;
  records.begin({ id: setup, path: root, layout: request.layoutId, atMs: context.clock(), owner });
  const moved: SetupResult['moved'] = [];
  let done = 0;
  let store: string | undefined;
  const actions = survey.steps.flatMap(({ action }) => action ?? []);
  const total = actions.filter(({ t }) => t !== 'move').length;
  /** What could not be made, so that nothing is to be had below it. */
  const failed: string[] = [];
  try {
    for (const [position, action] of actions.entries()) {
      job.throwIfCancelled();
      if (action.t === 'move') {
        const kept = await move(parts, { setup, position, root }, action, job);
        if (kept)
          moved.push({ from: action.from, to: action.to, files: action.files, bytes: action.bytes, kept: action.kept });
        done += Number(kept);
        continue;
      }
      job.update({ phase: 'Making folders and files', current: action.path, filesDone: done, filesTotal: total });
      const above = failed.find((path) => relativeIn(path, action.path) !== undefined);
      if (above !== undefined) {
        job.warn({ path: action.path, reason: `${displayName(above)} could not be made.` });
        continue;
      }
      records.add(setup, position, action);
      try {
        await pool.run(stepTask, { root, action });
        done += 1;
      } catch (error) {
        records.forget(setup, position);
        // What the permission bits did not tell. The rest can be done all the same.
        const isRoot = relativeIn(action.path, root) !== undefined && action.t === 'folder';
        if (isRoot || !isLarderError(error, 'PERMISSION')) throw error;
        if (action.t === 'folder' || action.t === 'create') failed.push(action.path);
        job.warn({ path: action.path, reason: error.message });
      }
    }
    if (register !== false) {
      job.update({ phase: 'Adding the store', current: undefined });
      store = await registerStore(parts, request, register);
    }
    records.finish(setup, 'done', store);
  } catch (error) {
    records.finish(setup, done === 0 ? 'undone' : 'interrupted');
    throw error;
  }
  const known = store ?? context.stores.list().find(({ path }) => path === root)?.id;
  const result: SetupResult = { setup, path: root, done, moved, ...(known === undefined ? {} : { store: known }) };
  return { result };
}

/** Id of the store that was made; undefined when the folder was one already. */
async function registerStore(
  { context, addStore }: SetupParts,
  { root, layoutId }: SurveyRequest,
  register: true | string,
): Promise<string | undefined> {
  if (context.stores.list().some(({ path }) => path === root)) return undefined;
  const layout = context.layouts.find(layoutId) === undefined ? null : layoutId;
  const name = register === true ? undefined : register;
  return (await addStore({ path: root, layout, ...(name === undefined ? {} : { name }) })).id;
}

/** Whether the data moved. One that could not is warned of, and is as it was. */
async function move(
  { context, records, owner }: SetupParts,
  { setup, position, root }: { setup: string; position: number; root: string },
  action: MoveAction,
  job: JobHandle,
): Promise<boolean> {
  const id = `${setup}-${position}`;
  records.add(setup, position, action, id);
  try {
    const { strayLinks } = await context.pool.run(
      moveTask,
      { id, setup, home: context.home, root, owner, action },
      {
        signal: job.signal,
        onMessage(message) {
          const told = message as MoveMessage;
          if (told.t === 'switching') {
            job.cannotCancel();
            return;
          }
          const { phase, files, bytes, current } = told;
          job.update({
            phase,
            current,
            filesDone: files,
            filesTotal: action.files,
            bytesDone: bytes,
            bytesTotal: action.bytes,
          });
        },
      },
    );
    for (const link of strayLinks) {
      const path = relativeIn(root, `${action.to}/${link}`) ?? link;
      job.warn({ path, reason: 'This link was relative to the old place and leads elsewhere now.' });
    }
    return true;
  } catch (error) {
    records.forget(setup, position);
    if (isLarderError(error, 'CANCELLED') || isLarderError(error, 'INTERNAL')) throw error;
    if (!(error instanceof LarderError)) throw error;
    job.warn({ path: action.from, reason: `It was not moved: ${error.message}` });
    return false;
  }
}
