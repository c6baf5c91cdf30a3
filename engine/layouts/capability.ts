import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { larderYamlSchema, LarderError } from '../../shared/contract/index.ts';
import type { LayoutPlan, ParsedInput, Store, StoreArea, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { unifiedDiff } from '../../shared/unified-diff.ts';
import type { Capability, EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { Plans } from '../plans/index.ts';
import { detectIn } from './detect-in.ts';
import { editLarderYaml, schemaFileName } from './edit.ts';
import { LayoutEdits } from './edits.ts';
import { fileName } from './larder-yaml.ts';
import { resolveLayout } from './resolve.ts';
import { larderYamlJsonSchema } from './schema.ts';
import type { Layouts } from './store-layouts.ts';
import { readForEdit, writeText } from './write.ts';
import { parseYaml } from './yaml-text.ts';

interface Planned {
  readonly store: string;
  readonly path: string;
  /** Undefined: there was no file. */
  readonly before: string | undefined;
  readonly after: string;
}

/** The `layouts` domain: what layouts there are, which a folder may be of, and changing a store's own. */
export function createLayouts(context: EngineContext, layouts: Layouts): Capability<'layouts'> {
  const { stores, fs } = context;
  const plans = new Plans<Planned>(context.clock);
  const edits = new LayoutEdits(context.db);
  const detachers: (() => void)[] = [];

  const pathIn = (store: Pick<Store, 'path'>): string => `${store.path}/${fileName}`;

  function changedMeanwhile(path: string): LarderError {
    return new LarderError('CHANGED_ON_DISK', `${displayName(path)} changed meanwhile.`, {
      hint: 'Look at it again, and plan again.',
    });
  }

  async function plan({ store: id, changes }: ParsedInput<'layouts.plan'>, signal: AbortSignal): Promise<LayoutPlan> {
    const store = stores.get(id);
    const now = await layouts.look(store, signal);
    const path = pathIn(store);
    const before = readForEdit(fs, path)?.text;
    const after = editLarderYaml(
      {
        text: before,
        chosen: store.layout,
        find: (layout) => layouts.find(layout),
        roleOf: (area) => now.areas.find((each) => each.path === area)?.role,
      },
      changes,
    );
    const { areas, problems } = asItWouldBe(store, now, after);
    const [problem] = problems;
    if (problem !== undefined) {
      throw new LarderError('INVALID_INPUT', `${fileName} would not be valid: ${problem.message}`, {
        hint: problem.hint,
      });
    }
    const nothing = before === after;
    const planned = randomUUID();
    plans.add(planned, { store: store.id, path, before, after });
    return {
      plan: planned,
      store: store.id,
      path,
      creates: before === undefined,
      diff: nothing
        ? ''
        : unifiedDiff(before ?? '', after, { before: before === undefined ? undefined : fileName, after: fileName }),
      text: after,
      areas,
    };
  }

  /** The layout as the text of a file makes it. */
  function asItWouldBe(store: Store, now: StoreLayout, text: string): Pick<StoreLayout, 'areas' | 'problems'> {
    const parsed = parseYaml(text, larderYamlSchema);
    const there = new Map(now.areas.map((area): [string, StoreArea] => [area.path, area]));
    return resolveLayout({
      store: store.id,
      chosen: store.layout === undefined ? undefined : layouts.find(store.layout),
      file: parsed.problems === undefined ? parsed : 'broken',
      problems: parsed.problems ?? [],
      known: (id) => layouts.find(id),
      guesses: layouts.guessesOf(store),
      exists: (path) => there.get(path)?.exists ?? layouts.exists(store, path),
      yours: store.rules.areas,
    });
  }

  /** Writes the schema beside a file that names it; whether it did. A store that has one keeps it. */
  function writeSchema(store: Store, text: string): boolean {
    const path = `${store.path}/${schemaFileName}`;
    if (!text.includes(`$schema=./${schemaFileName}`) || isThere(path)) return false;
    writeText(fs, path, larderYamlJsonSchema(), undefined);
    return true;
  }

  function isThere(path: string): boolean {
    try {
      fs.lstat(path);
      return true;
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return false;
      throw toLarderError(error, path);
    }
  }

  function apply({ plan: id }: ParsedInput<'layouts.apply'>, signal: AbortSignal): Promise<StoreLayout> {
    const { store: storeId, path, before, after } = plans.take(id);
    const store = stores.get(storeId);
    const now = readForEdit(fs, path);
    if (now?.text !== before || pathIn(store) !== path) throw changedMeanwhile(path);
    if (before !== after) {
      const madeSchema = before === undefined && writeSchema(store, after);
      try {
        writeText(fs, path, after, now?.stats);
      } catch (error) {
        if (madeSchema) remove(`${store.path}/${schemaFileName}`);
        throw error;
      }
      edits.add(store.id, { before, after, madeSchema });
    }
    return layouts.look(store, signal);
  }

  function undo(id: string, signal: AbortSignal): Promise<StoreLayout> {
    const store = stores.get(id);
    const edit = edits.last(store.id);
    if (edit === undefined) {
      throw new LarderError('NOT_FOUND', `No edit of ${fileName} of ${displayName(store.name)} can be undone.`);
    }
    const path = pathIn(store);
    const now = readForEdit(fs, path);
    if (now?.text !== edit.after) throw changedMeanwhile(path);
    if (edit.before !== undefined) writeText(fs, path, edit.before, now.stats);
    else {
      remove(path);
      const schema = `${store.path}/${schemaFileName}`;
      if (edit.madeSchema && readForEdit(fs, schema)?.text === larderYamlJsonSchema()) remove(schema);
    }
    edits.forget(edit.id);
    return layouts.look(store, signal);
  }

  function remove(path: string): void {
    try {
      fs.unlink(path);
      fs.fsyncDirectory(path.slice(0, -basename(path).length));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw toLarderError(error, path);
    }
  }

  return {
    handlers: {
      list: () => ({ layouts: [...layouts.list()] }),
      show: ({ id }) => layouts.get(id),
      detect: ({ path }, { signal }) => detectIn(context, path, signal),
      ofStore: ({ store }, { signal }) => layouts.look(stores.get(store), signal),
      plan: (input, { signal }) => plan(input, signal),
      apply: async (input, { signal }) => ({ layout: await apply(input, signal) }),
      undo: async ({ store }, { signal }) => ({ layout: await undo(store, signal) }),
    },
    start() {
      detachers.push(
        layouts.onChange((store) => context.emit('layouts.changed', { store })),
        stores.onChange(() => {
          const all = stores.list();
          layouts.follow(all);
          edits.forgetStores(all.map(({ id }) => id));
        }),
      );
    },
    stop() {
      for (const detach of detachers.splice(0)) detach();
    },
  };
}
