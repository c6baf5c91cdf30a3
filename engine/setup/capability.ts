import { randomUUID } from 'node:crypto';
import { dirname, isAbsolute, resolve as resolvePath } from 'node:path';
import { LarderError, setupParts } from '../../shared/contract/index.ts';
import type {
  ParsedInput,
  SetupPart,
  SetupPlan,
  SetupRecord,
  Store,
  StoreLayout,
} from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Capability, EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { detectIn, layoutIn } from '../layouts/index.ts';
import { Plans } from '../plans/index.ts';
import { currentProcess } from '../process/index.ts';
import { StorageTests } from '../storage-test/index.ts';
import { overlap } from '../stores/index.ts';
import { SetupRecords } from './records.ts';
import type { StoredSetup } from './records.ts';
import { applySetup } from './run.ts';
import type { PlannedSetup, SetupParts } from './run.ts';
import { settleSetups } from './settle.ts';
import { locateRoot } from './locate-root.ts';
import type { Actor, SurveyRequest } from './survey-types.ts';
import { surveyTask } from './tasks.ts';
import { findUndoable, undoSetup } from './undo.ts';
import { actionWords } from './words.ts';

export interface SetupOptions {
  addStore(input: { path: string; name?: string | undefined; layout: string | null }): Promise<Store>;
  removeStore(id: string): void;
  /** Who does it; this process where it is left out. Undefined where files have no owners. */
  readonly actor?: () => Actor | undefined;
}

const dayMs = 24 * 3_600_000;

function processActor(): Actor | undefined {
  const { geteuid, getegid, getgroups } = process;
  if (geteuid === undefined || getegid === undefined || getgroups === undefined) return undefined;
  return { uid: geteuid(), gid: getegid(), groups: getgroups() };
}

interface Resolved {
  readonly layout: StoreLayout;
  readonly id: string;
  readonly title: string;
  /** Parts that suit it. */
  readonly parts: readonly SetupPart[];
}

/** The `setup` domain: laying out a data folder, moving data into it, and testing it. */
export function createSetup(context: EngineContext, options: SetupOptions): Capability<'setup'> {
  const { fs, pool, layouts, stores, settings, clock, jobs } = context;
  const plans = new Plans<PlannedSetup>(clock);
  const tests = new StorageTests(context);
  const parts: SetupParts = {
    context,
    records: new SetupRecords(context.db),
    owner: { ...currentProcess(), instance: randomUUID() },
    active: new Set(),
    addStore: (input) => options.addStore(input),
    removeStore: (id) => options.removeStore(id),
  };
  const actor = options.actor ?? processActor;
  const untilMs = (atMs: number): number => atMs + settings.get().undoDays * dayMs;

  /** The layout a folder is to have. Throws where that is not said, or two things say two things. */
  async function resolve(root: string, wanted: string | undefined, signal: AbortSignal): Promise<Resolved> {
    const isThere = exists(fs, root);
    const chosen =
      wanted ??
      stores.list().find(({ path }) => path === root)?.layout ??
      (isThere ? (await detectIn(context, root, signal)).layout : undefined);
    const base = chosen === undefined ? undefined : layouts.get(chosen);
    const layout = layoutIn(context, root, chosen);
    if (layout.source === 'larder.yaml') {
      const named = layout.layout?.id;
      if (wanted !== undefined && named !== undefined && named !== wanted) {
        throw new LarderError(
          'INVALID_INPUT',
          `The larder.yaml in ${displayName(root)} names the layout ${named}, not ${wanted}.`,
          {
            hint: `Leave the layout out to use that one, or change larder.yaml first.`,
          },
        );
      }
      return { layout, id: named ?? 'own', title: layout.layout?.title ?? 'larder.yaml', parts: setupParts };
    }
    if (base === undefined) {
      throw new LarderError('INVALID_INPUT', `It is not clear which layout ${displayName(root)} is to have.`, {
        hint: 'Name one: larder layouts lists them.',
      });
    }
    const { id, title, group } = base;
    if (layout.areas.length === 0) return { layout, id, title, parts: [] };
    // Folders of programs that bring their own layout are not littered with files for teams unless asked for.
    return { layout, id, title, parts: group === 'project' ? setupParts : ['folders'] };
  }

  function refuseOverlap(root: string): string | undefined {
    for (const store of stores.list()) {
      const relation = overlap(root, store.path);
      if (relation === 'same') return store.id;
      if (relation === undefined) continue;
      const words = relation === 'inside' ? 'lies inside' : 'contains';
      throw new LarderError(
        'INVALID_INPUT',
        `${displayName(root)} ${words} the store ${store.name} (${displayName(store.path)}).`,
        {
          hint: 'Stores cannot overlap: each file belongs to one store.',
        },
      );
    }
    return undefined;
  }

  async function plan(input: ParsedInput<'setup.plan'>, signal: AbortSignal): Promise<SetupPlan> {
    if (!isAbsolute(input.path)) {
      throw new LarderError('INVALID_INPUT', `${displayName(input.path)} is not an absolute path.`);
    }
    const root = locateRoot(fs, input.path);
    if (dirname(root) === root) throw new LarderError('INVALID_INPUT', 'The top of a disk cannot be a store.');
    const store = refuseOverlap(root);
    const { layout, id, title, parts: suitable } = await resolve(root, input.layout, signal);
    const nothing = suitable.length === 0;
    const request: SurveyRequest = {
      root,
      layout,
      layoutId: id,
      title,
      parts: nothing ? [] : (input.parts ?? suitable),
      owner: input.owner,
      actor: actor(),
      code: codeOf(input.code ?? dirname(resolvePath(input.path))),
      move: input.move,
      leave: input.leave,
      day: new Date(clock()).toISOString().slice(0, 10).replaceAll('-', ''),
    };
    const survey = await pool.run(surveyTask, request, { signal });
    const planned = randomUUID();
    plans.add(planned, { request, survey });
    const shown = survey.steps.map((step) => step.shown);
    return {
      plan: planned,
      fingerprint: survey.fingerprint,
      path: root,
      layout: { id, title },
      steps: shown,
      todo: shown.filter(({ state }) => state === 'todo').length,
      cannot: shown.filter(({ state }) => state === 'cannot').length,
      changes: survey.steps.filter(({ changes }) => changes === true).length,
      commands: commandsOf(shown.flatMap(({ command }) => command ?? [])),
      moves: survey.moves.map(({ action: _, refusal, ...move }) => ({
        ...move,
        ...(refusal === undefined ? {} : { refusal }),
      })),
      bytesToCopy: survey.bytesToCopy,
      free: survey.free,
      services: layout.services,
      notes: [
        ...(nothing ? [`${title} keeps its data in a database server, so there is no folder to make.`] : []),
        ...survey.notes,
      ],
      ...(store === undefined ? {} : { store }),
    };
  }

  /** Real path of the folder the code lies in; where that is not there, nothing will be found in it. */
  function codeOf(path: string): string {
    try {
      return fs.realPath(path);
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return path;
      throw toLarderError(error, path);
    }
  }

  /** Holds a folder while something is done to it. */
  function holding<T>(root: string, start: (release: () => void) => T): T {
    if (parts.active.has(root)) {
      throw new LarderError('BUSY', `${displayName(root)} is being set up already.`);
    }
    parts.active.add(root);
    const release = (): void => void parts.active.delete(root);
    try {
      return start(release);
    } catch (error) {
      release();
      throw error;
    }
  }

  function shownRecord(record: StoredSetup): SetupRecord {
    const { id, path, layout, atMs, status } = record;
    const until = untilMs(atMs);
    const undoable = (status === 'done' || status === 'interrupted') && until >= clock();
    const steps = parts.records.steps(id);
    return {
      setup: id,
      path,
      layout,
      atMs,
      status,
      steps: steps.map(({ action }) => actionWords(action)),
      ...(undoable && steps.length > 0 ? { undoUntilMs: until } : {}),
    };
  }

  return {
    handlers: {
      plan: (input, { signal }) => plan(input, signal),
      apply({ plan: id, register }) {
        const planned = plans.take(id);
        const { root } = planned.request;
        const store = refuseOverlap(root);
        const title = `Set up ${displayName(root)}`;
        return holding(root, (release) => ({
          job: jobs.start({ kind: 'setup', title, store }, (job) =>
            applySetup(parts, planned, register, job).finally(release),
          ),
        }));
      },
      list: ({ path }) => {
        const root = path === undefined ? undefined : locateRoot(fs, path);
        return {
          setups: parts.records
            .list()
            .filter((record) => root === undefined || record.path === root)
            .map(shownRecord),
        };
      },
      undo({ setup }) {
        const record = findUndoable(parts, setup, ({ atMs }) => untilMs(atMs));
        const title = `Undo the setup of ${displayName(record.path)}`;
        return holding(record.path, (release) => ({
          job: jobs.start({ kind: 'undo', title }, (job) => undoSetup(parts, record, job).finally(release)),
        }));
      },
      test(input) {
        const subject = tests.subjectOf(input);
        const name = subject.store?.name ?? displayName(subject.path);
        const job = jobs.start({ kind: 'test', title: `Test ${name}`, store: subject.store?.id }, async (handle) => ({
          result: await tests.run(subject, {
            signal: handle.signal,
            onProgress: ({ done, total, current }) =>
              handle.update({ phase: 'Testing', current, filesDone: done, filesTotal: total }),
          }),
        }));
        return { job };
      },
    },
    start: () => settleSetups(parts, untilMs),
  };
}

/** Commands that differ in their paths alone as one. */
function commandsOf(commands: readonly string[]): string[] {
  const joined = new Map<string, string[]>();
  for (const command of commands) {
    const [head = '', ...paths] = command.split(' -- ');
    joined.set(head, [...(joined.get(head) ?? []), paths.join(' -- ')]);
  }
  return [...joined].map(([head, paths]) => `${head} -- ${paths.join(' ')}`);
}

function exists(fs: FileSystem, path: string): boolean {
  try {
    return fs.stat(path).isDirectory();
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}
