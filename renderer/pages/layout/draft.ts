import { changedFields } from '../../../shared/contract/index.ts';
import type { AreaBackup, AreaCleanup, LayoutChange, Role, StoreArea } from '../../../shared/contract/index.ts';
import { areaPath } from '../../../shared/area-path.ts';
import { comparePaths } from '../../../shared/path-text.ts';

/** What can be settled of an area. */
export interface AreaValues {
  readonly role: Role;
  readonly title?: string | undefined;
  readonly required: boolean;
  readonly backup: AreaBackup;
  readonly cleanup: AreaCleanup;
  readonly directoryMode?: string | undefined;
  readonly fileMode?: string | undefined;
  readonly owner?: string | undefined;
  readonly capture?: 'live' | undefined;
  readonly immutable?: boolean | undefined;
}

/** Changes of a `larder.yaml` that are not written yet. */
export interface Draft {
  /** Another layout it is to be made of; `null` for none. */
  readonly layout?: string | null;
  /** Areas by path as they are to be. */
  readonly edits: Readonly<Record<string, AreaValues>>;
  readonly removed: readonly string[];
}

export const emptyDraft: Draft = { edits: {}, removed: [] };

export function isEmpty({ layout, edits, removed }: Draft): boolean {
  return layout === undefined && removed.length === 0 && Object.keys(edits).length === 0;
}

/** How many things are changed. */
export function changeCount({ layout, edits, removed }: Draft): number {
  return Object.keys(edits).length + removed.length + (layout === undefined ? 0 : 1);
}

export function valuesOf(area: StoreArea): AreaValues {
  return Object.fromEntries(changedFields.map((field) => [field, area[field]])) as unknown as AreaValues;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What holds for an area nobody says more of; as the engine has it. */
function usual(role: Role): Partial<AreaValues> {
  return role === 'backup'
    ? { required: false, backup: 'never', cleanup: 'retention' }
    : { required: false, backup: 'always', cleanup: 'never' };
}

/** A new area of a role, with what usually holds for it. */
export function newArea(role: Role): AreaValues {
  return { role, required: false, backup: 'always', cleanup: 'never', ...usual(role) };
}

/** The changes in the order they are made. `areas` are those without them, but with the layout of the draft. */
export function changesOf({ layout, edits, removed }: Draft, areas: readonly StoreArea[]): LayoutChange[] {
  const before = new Map(areas.map((area) => [area.path, area]));
  return [
    ...(layout === undefined ? [] : [{ kind: 'layout', layout } as const]),
    ...removed.map((path) => ({ kind: 'remove', path }) as const),
    ...Object.entries(edits).flatMap(([path, values]): LayoutChange[] => {
      const known = before.get(path);
      // Of a folder nobody named yet, what is guessed becomes what a person says.
      const named = known !== undefined && known.guess !== true;
      const base: Partial<AreaValues> = named ? valuesOf(known) : usual(values.role);
      const change: Record<string, unknown> = named ? {} : { role: values.role };
      for (const field of changedFields) {
        if (same(values[field], base[field])) continue;
        change[field] = values[field] ?? null;
      }
      return Object.keys(change).length === 0 ? [] : [{ kind: 'set', path, ...change }];
    }),
  ];
}

/** An edit put into the draft; one that says what holds anyway is none. */
export function withEdit(draft: Draft, path: string, values: AreaValues, known: StoreArea | undefined): Draft {
  const { [path]: _, ...others } = draft.edits;
  const nothing = known !== undefined && known.guess !== true && same(values, valuesOf(known));
  return {
    ...draft,
    edits: nothing ? others : { ...others, [path]: values },
    removed: draft.removed.filter((each) => each !== path),
  };
}

/** An area taken out; one that was only added here is simply forgotten. */
export function withoutArea(draft: Draft, path: string, known: boolean): Draft {
  const { [path]: _, ...edits } = draft.edits;
  return { ...draft, edits, removed: known ? [...draft.removed.filter((each) => each !== path), path] : draft.removed };
}

/** An area as it was before it was changed here. */
export function asBefore(draft: Draft, path: string): Draft {
  const { [path]: _, ...edits } = draft.edits;
  return { ...draft, edits, removed: draft.removed.filter((each) => each !== path) };
}

export type RowState = 'same' | 'changed' | 'new' | 'removed';

export interface AreaRow {
  readonly path: string;
  readonly values: AreaValues;
  /** Undefined for an area that is only in the draft. */
  readonly area: StoreArea | undefined;
  readonly state: RowState;
}

/** The areas with the draft over them, by path. */
export function rowsOf({ edits, removed }: Draft, areas: readonly StoreArea[]): AreaRow[] {
  const known = areas.map((area): AreaRow => {
    const edit = edits[area.path];
    const state = removed.includes(area.path) ? 'removed' : edit === undefined ? 'same' : 'changed';
    return { path: area.path, values: edit ?? valuesOf(area), area, state };
  });
  const added = Object.entries(edits).flatMap(([path, values]): AreaRow[] =>
    areas.some((area) => area.path === path) ? [] : [{ path, values, area: undefined, state: 'new' }],
  );
  return [...known, ...added].sort((a, b) => comparePaths(a.path, b.path));
}

/** What is wrong with the path of an area to be added; undefined when it will do. */
export function pathProblem(text: string, rows: readonly AreaRow[]): string | undefined {
  const path = text.trim() === '' ? undefined : areaPath(text.trim());
  if (text.trim() === '') return 'Write a path or choose a folder.';
  if (path === undefined) return 'It takes a path relative to the store, for example logs or stock_data/cache.';
  const row = rows.find((each) => each.path === path);
  if (row === undefined || row.area?.guess === true) return undefined;
  return row.state === 'removed'
    ? 'This area is to be removed. Put it back instead.'
    : 'There is an area at this path.';
}
