import { isDeepStrictEqual } from 'node:util';
import { changedFields, larderYamlSchema, LarderError } from '../../shared/contract/index.ts';
import type { LarderYaml, Layout, LayoutChange, Role } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { areaId, areaPath } from '../../shared/area-path.ts';
import { setInText } from './edit-text.ts';
import type { Value } from './edit-text.ts';
import { fileName } from './larder-yaml.ts';
import { parseYaml } from './yaml-text.ts';

export interface EditInput {
  /** The file as it is; undefined when there is none. */
  readonly text: string | undefined;
  /** Of a new file, the layout it is made of. */
  readonly chosen: string | undefined;
  readonly find: (id: string) => Layout | undefined;
  /** The role a folder is taken to have, for one nobody named yet. */
  readonly roleOf: (path: string) => Role | undefined;
}

/** File of the JSON Schema beside a `larder.yaml`, which its first line names to editors. */
export const schemaFileName = 'larder.schema.json';

/** A `larder.yaml` that says nothing yet. */
export function newLarderYaml(layout: string | undefined): string {
  return (
    `# yaml-language-server: $schema=./${schemaFileName}\n` +
    '# What the folders of this store are and what holds for them, for Larder and for everybody who works with it.\n' +
    'version: 1\n' +
    (layout === undefined ? '' : `layout: ${layout}\n`)
  );
}

type AreaFields = Omit<Extract<LayoutChange, { kind: 'set' }>, 'kind' | 'path'>;
/** A file being changed: its text, and what it says. */
interface Draft {
  text: string;
  wanted: LarderYaml;
}

/**
 * The text of a `larder.yaml` with some changes made; every line that is not about them stays as it is. Throws
 * `INVALID_INPUT` for a change that makes no sense, and `UNSUPPORTED` where the file says things in a way that cannot be
 * changed without touching more.
 */
export function editLarderYaml(input: EditInput, changes: readonly LayoutChange[]): string {
  const text = input.text ?? newLarderYaml(input.chosen);
  const parsed = parseYaml(text, larderYamlSchema);
  if (parsed.problems !== undefined) {
    const [problem] = parsed.problems;
    const line = problem?.line === undefined ? '' : ` line ${problem.line}:`;
    throw new LarderError(
      'INVALID_INPUT',
      `${fileName} cannot be changed while it is broken:${line} ${problem?.message}`,
      {
        hint: problem?.hint ?? 'Mend it first.',
      },
    );
  }
  const draft: Draft = { text, wanted: parsed.value };
  for (const change of changes) {
    if (change.kind === 'layout') setLayout(draft, change.layout, input);
    else if (change.kind === 'remove') removeArea(draft, change.path, input);
    else setArea(draft, change, input);
  }
  const result = parseYaml(draft.text, larderYamlSchema);
  if (result.problems !== undefined || !isDeepStrictEqual(plainly(result.value), plainly(draft.wanted))) {
    throw cannotChange('it repeats parts of itself by anchors, or the like');
  }
  return draft.text;
}

function cannotChange(why: string): LarderError {
  return new LarderError('UNSUPPORTED', `${fileName} cannot be changed here: ${why}.`, {
    hint: 'Change it in an editor; Larder takes it over as soon as it is saved.',
  });
}

/** Without what is undefined, and in one order. */
function plainly(value: LarderYaml): unknown {
  return JSON.parse(JSON.stringify(value));
}

function set(draft: Draft, path: readonly string[], value: Value | undefined): void {
  try {
    draft.text = setInText(draft.text, path, value);
  } catch (error) {
    if (error instanceof RangeError) throw cannotChange(error.message);
    throw error;
  }
}

function setLayout(draft: Draft, layout: string | null, { find }: EditInput): void {
  if (layout === null) {
    const { layout: _, ...rest } = draft.wanted;
    draft.wanted = rest;
    set(draft, ['layout'], undefined);
    return;
  }
  if (find(layout) === undefined) {
    throw new LarderError('NOT_FOUND', `There is no layout called ${displayName(layout)}.`, {
      hint: 'larder layouts lists them.',
    });
  }
  draft.wanted = { ...draft.wanted, layout };
  set(draft, ['layout'], layout);
}

/** The name under which a file has an area. */
function keyOf({ areas = {} }: LarderYaml, path: string): string | undefined {
  return Object.keys(areas).find((key) => areaPath(key) === path);
}

function baseOf(draft: Draft, { find }: EditInput): Layout | undefined {
  return draft.wanted.layout === undefined ? undefined : find(draft.wanted.layout);
}

function checked(path: string): string {
  const plain = path === '' ? '' : areaPath(path);
  if (plain === undefined) {
    throw new LarderError('INVALID_INPUT', `${displayName(path)} is not a path of an area.`, {
      hint: "It takes a path relative to the store's root, for example logs or stock_data/cache.",
    });
  }
  return plain;
}

function setArea(
  draft: Draft,
  { kind: _, path: given, ...change }: Extract<LayoutChange, { kind: 'set' }>,
  input: EditInput,
): void {
  const path = checked(given);
  const inBase = baseOf(draft, input)?.areas.find((area) => area.path === path);
  const isLeftOut = (draft.wanted.without ?? []).some((each) => areaPath(each) === path);
  if (isLeftOut)
    setWithout(
      draft,
      (draft.wanted.without ?? []).filter((each) => areaPath(each) !== path),
    );
  const key = keyOf(draft.wanted, path);
  const said = key === undefined ? {} : (draft.wanted.areas?.[key] ?? {});
  const wish: AreaFields = { ...change };
  if (said.role === undefined && wish.role === undefined && inBase === undefined) {
    const role = input.roleOf(path);
    if (role === undefined) {
      throw new LarderError('INVALID_INPUT', `${areaId(path)} is new and needs a role.`, {
        hint: 'Say what it is for, for example model, cache or log.',
      });
    }
    wish.role = role;
  }
  const name = key ?? areaId(path);
  const area = new Map<string, unknown>(Object.entries(said).filter(([, each]) => each !== undefined));
  if (key === undefined) {
    const made: Record<string, Value> = {};
    for (const field of changedFields) {
      const value = wish[field];
      if (value === undefined || value === null) continue;
      made[field] = inFile(field, value);
      area.set(field, value);
    }
    if (Object.keys(made).length === 0) return;
    set(draft, ['areas', name], made);
  } else {
    for (const field of changedFields) {
      const value = wish[field];
      if (value === undefined) continue;
      if (value === null) {
        if (!area.delete(field)) continue;
        set(draft, ['areas', name, field], undefined);
      } else if (!isDeepStrictEqual(area.get(field), value)) {
        area.set(field, value);
        set(draft, ['areas', name, field], inFile(field, value));
      }
    }
  }
  draft.wanted = { ...draft.wanted, areas: { ...draft.wanted.areas, [name]: Object.fromEntries(area) } };
  if (area.size === 0) dropArea(draft, name);
}

/** Takes an area's entry out. With it goes the list of areas when it was the last, unless something is said there. */
function dropArea(draft: Draft, key: string): void {
  const { [key]: _, ...rest } = draft.wanted.areas ?? {};
  draft.wanted = { ...draft.wanted, areas: rest };
  set(draft, ['areas', key], undefined);
  if (Object.keys(rest).length > 0) return;
  const { text } = draft;
  set(draft, ['areas'], undefined);
  if (comments(draft.text) === comments(text)) {
    const { areas: _none, ...others } = draft.wanted;
    draft.wanted = others;
  } else draft.text = text;
}

function comments(text: string): number {
  return text.split('#').length;
}

/** Permission bits are shorter without quotes, where they do not begin with a nought. */
function inFile(
  field: (typeof changedFields)[number],
  value: NonNullable<AreaFields[(typeof changedFields)[number]]>,
): Value {
  const isMode = field === 'directoryMode' || field === 'fileMode';
  if (isMode && typeof value === 'string' && !value.startsWith('0')) return Number(value);
  return JSON.parse(JSON.stringify(value)) as Value;
}

function removeArea(draft: Draft, given: string, input: EditInput): void {
  const path = checked(given);
  const key = keyOf(draft.wanted, path);
  const inBase = baseOf(draft, input)?.areas.some((area) => area.path === path) ?? false;
  if (key === undefined && !inBase) {
    throw new LarderError('NOT_FOUND', `${fileName} and its layout name no area ${areaId(path)}.`, {
      hint: 'What is guessed of a folder can be changed, not removed.',
    });
  }
  if (key !== undefined) dropArea(draft, key);
  if (inBase) setWithout(draft, [...(draft.wanted.without ?? []), areaId(path)]);
}

function setWithout(draft: Draft, without: string[]): void {
  if (without.length > 0) {
    draft.wanted = { ...draft.wanted, without };
    set(draft, ['without'], without);
  } else {
    const { without: _, ...rest } = draft.wanted;
    draft.wanted = rest;
    set(draft, ['without'], undefined);
  }
}
