import type {
  AreaBackup,
  LarderYaml,
  Layout,
  LayoutArea,
  LayoutMount,
  LayoutProblem,
  LayoutVariable,
  Role,
  StoreArea,
  StoreLayout,
} from '../../shared/contract/index.ts';
import { comparePaths } from '../../shared/path-text.ts';
import { areaId, areaPath, AreaIndex } from '../../shared/area-path.ts';
import { areaFrom, defaultRules, namedAreas } from './normal-area.ts';
import { inferRole } from './roles.ts';
import type { YamlText } from './yaml-text.ts';

/** A folder whose role is inferred. */
export interface Guess {
  readonly path: string;
  readonly role: Role;
  readonly why: string;
}

/** A valid `larder.yaml` as read. */
export interface ReadLarderYaml {
  readonly value: LarderYaml;
  readonly yaml: YamlText;
}

export interface ResolveInput {
  readonly store: string;
  /** The layout chosen for the store. */
  readonly chosen: Layout | undefined;
  readonly file: 'none' | 'broken' | ReadLarderYaml;
  /** What is wrong with the file already. */
  readonly problems: readonly LayoutProblem[];
  readonly known: (id: string) => Layout | undefined;
  /** What folders of the root look like. */
  readonly guesses: readonly Guess[];
  /** Whether a folder (or one matching the pattern) is there. */
  readonly exists: (path: string) => boolean;
  /** The person's own backup rules. */
  readonly yours: Readonly<Record<string, AreaBackup>>;
}

type Whole = Pick<
  Layout,
  'directoryMode' | 'fileMode' | 'scriptMode' | 'owner' | 'containerRoot' | 'archivePrefix' | 'keepLast'
>;
const wholeKeys = [
  'directoryMode',
  'fileMode',
  'scriptMode',
  'owner',
  'containerRoot',
  'archivePrefix',
  'keepLast',
] as const satisfies readonly (keyof Whole)[];

function wholeOf(from: Whole | undefined): Whole {
  return Object.fromEntries(wholeKeys.flatMap((key) => (from?.[key] === undefined ? [] : [[key, from[key]]])));
}

interface Sourced extends LayoutArea {
  readonly source: StoreArea['source'];
}

/** The areas of a file over those of the layout it is made of, and what is wrong. */
function combined(
  base: Layout | undefined,
  { value, yaml }: ReadLarderYaml,
): { areas: Sourced[]; problems: LayoutProblem[] } {
  const { named, problems: wrong } = namedAreas(value.areas);
  const problems: LayoutProblem[] = wrong.map(({ key, ...problem }) => ({
    ...problem,
    ...yaml.placeOf(['areas', key]),
  }));
  const without = new Set<string>();
  for (const [index, text] of (value.without ?? []).entries()) {
    const path = areaPath(text);
    if (path !== undefined && base?.areas.some((area) => area.path === path) === true) without.add(path);
    else {
      problems.push({
        message: `${base === undefined ? 'There is no layout' : `The layout ${base.id} has no area ${JSON.stringify(text)}`} to leave ${base === undefined ? JSON.stringify(text) : 'it'} out of.`,
        ...yaml.placeOf(['without', index]),
      });
    }
  }
  const areas: Sourced[] = (base?.areas ?? [])
    .filter(({ path }) => !without.has(path))
    .map((area) => {
      const own = named.find(({ path }) => path === area.path);
      return own === undefined
        ? { ...area, source: 'layout' }
        : { ...(areaFrom(own, area) ?? area), source: 'larder.yaml' };
    });
  for (const own of named) {
    if (areas.some(({ path }) => path === own.path)) continue;
    const area = areaFrom(own);
    if (area !== undefined) areas.push({ ...area, source: 'larder.yaml' });
    else {
      problems.push({
        message: `The area ${JSON.stringify(own.key)} has no role.`,
        hint: 'Give it one, for example role: model.',
        ...yaml.placeOf(['areas', own.key]),
      });
    }
  }
  return { areas, problems };
}

/** The variables with the values a container sees: those that point to an area, then the others. */
export function allVariables(
  whole: Pick<Layout, 'containerRoot'>,
  areas: readonly LayoutArea[],
  others: readonly LayoutVariable[],
): LayoutVariable[] {
  const ofAreas = areas.flatMap(({ path, environment = [], mounts = [] }) => {
    const [mount] = mounts;
    const value = whole.containerRoot === undefined ? mount?.target : join(whole.containerRoot, path);
    const service = whole.containerRoot === undefined ? mount?.service : undefined;
    return environment.map((name) => ({
      name,
      path,
      ...(value === undefined ? {} : { value }),
      ...(service === undefined ? {} : { service }),
    }));
  });
  return [...ofAreas, ...others];
}

export function allMounts(areas: readonly LayoutArea[], others: readonly LayoutMount[]): LayoutMount[] {
  return [...others, ...areas.flatMap(({ path, mounts = [] }) => mounts.map((mount) => ({ path, ...mount })))];
}

function join(root: string, path: string): string {
  return path === '' ? root : `${root.replace(/\/$/, '')}/${path}`;
}

/** The layout of a store out of all that has a say in it. */
export function resolveLayout(input: ResolveInput): StoreLayout {
  const { chosen, known, file } = input;
  let problems: LayoutProblem[] = [...input.problems];
  let state: StoreLayout['file'] = file === 'none' || file === 'broken' ? file : 'ok';
  let base = chosen;
  let own: LarderYaml | undefined;
  let areas: Sourced[] = (chosen?.areas ?? []).map((area) => ({ ...area, source: 'layout' }));
  if (file !== 'none' && file !== 'broken') {
    const { layout: id } = file.value;
    const named = id === undefined ? undefined : known(id);
    const result = combined(named, file);
    if (id !== undefined && named === undefined) {
      result.problems.push({
        message: `There is no layout called ${id}.`,
        hint: 'larder layouts lists them.',
        ...file.yaml.placeOf(['layout']),
      });
    }
    if (result.problems.length === 0) {
      base = named;
      own = file.value;
      areas = result.areas;
    } else state = 'broken';
    problems = [...problems, ...result.problems];
  }
  const index = new AreaIndex(areas);
  // A folder that only holds areas is none itself.
  const holders = new AreaIndex(
    areas.flatMap(({ path }) => (path.includes('/') ? [{ path: path.slice(0, path.indexOf('/')) }] : [])),
  );
  const guesses = input.guesses.filter(({ path }) => index.of(path) === undefined && holders.at(path) === undefined);
  const whole = { ...wholeOf(base), ...wholeOf(own) };
  const mounts = [...(base?.mounts ?? []), ...(own?.mounts ?? [])];
  const environment = [...(base?.environment ?? []), ...(own?.environment ?? [])];
  return {
    store: input.store,
    source: own !== undefined ? 'larder.yaml' : base !== undefined ? 'layout' : 'guess',
    ...(base === undefined ? {} : { layout: { id: base.id, title: base.title } }),
    ...whole,
    areas: [
      ...areas.map((area) => ({
        ...area,
        exists: input.exists(area.path),
        backupRule: ruleOf(input.yours, area.path, { rule: area.backup, from: 'layout' }),
      })),
      ...guesses
        .toSorted((a, b) => comparePaths(a.path, b.path))
        .map(({ path, role, why }): StoreArea => {
          // What a folder happens to hold is no ground for leaving it out of backups.
          const rules = role === 'backup' && inferRole(path) !== 'backup' ? defaultRules('other') : defaultRules(role);
          return {
            ...rules,
            id: areaId(path),
            path,
            role,
            source: 'guess',
            guess: true,
            why,
            exists: true,
            backupRule: ruleOf(input.yours, path, { rule: rules.backup, from: 'default' }),
          };
        }),
    ],
    environment: allVariables(whole, areas, environment),
    mounts: allMounts(areas, mounts),
    moves: base?.moves ?? [],
    services: base?.services ?? [],
    file: state,
    problems,
  };
}

function ruleOf(
  yours: ResolveInput['yours'],
  path: string,
  otherwise: StoreArea['backupRule'],
): StoreArea['backupRule'] {
  const own = Object.hasOwn(yours, path) ? yours[path] : undefined;
  return own === undefined ? otherwise : { rule: own, from: 'yours' };
}
