import type {
  AreaBackup,
  AreaCleanup,
  LarderYaml,
  LayoutArea,
  LayoutProblem,
  Role,
} from '../../shared/contract/index.ts';
import { areaId, areaPath } from '../../shared/area-path.ts';

/** What holds for an area where nobody says otherwise: everything is backed up but backups themselves, nothing is cleaned. */
export function defaultRules(role: Role): { required: boolean; backup: AreaBackup; cleanup: AreaCleanup } {
  return role === 'backup'
    ? { required: false, backup: 'never', cleanup: 'retention' }
    : { required: false, backup: 'always', cleanup: 'never' };
}

/** What a file says of an area, by its path. */
export type AreaInFile = NonNullable<LarderYaml['areas']>[string];
export interface NamedArea {
  /** As the file has it, so that a problem can be placed. */
  readonly key: string;
  readonly path: string;
  readonly said: AreaInFile;
}

/** The areas of a file under their plain paths, and what is wrong with those. */
export function namedAreas(areas: Readonly<Record<string, AreaInFile>> = {}): {
  named: NamedArea[];
  problems: (LayoutProblem & { key: string })[];
} {
  const named: NamedArea[] = [];
  const problems: (LayoutProblem & { key: string })[] = [];
  for (const [key, said] of Object.entries(areas)) {
    const path = areaPath(key);
    if (path === undefined) {
      problems.push({
        key,
        message: `${JSON.stringify(key)} is not a path of an area.`,
        hint: "It takes a path relative to the store's root, for example logs or stock_data/cache; . is the root.",
      });
    } else if (named.some((each) => each.path === path)) {
      problems.push({ key, message: `${JSON.stringify(key)} names an area a second time.` });
    } else named.push({ key, path, said });
  }
  return { named, problems };
}

/** The area with what a file says of it over what it was before. A new one without a role has none. */
export function areaFrom({ path, said }: NamedArea, before?: LayoutArea): LayoutArea | undefined {
  const given = Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  ) as Partial<LayoutArea>;
  const role = given.role ?? before?.role;
  if (role === undefined) return undefined;
  return { ...defaultRules(role), ...before, ...given, id: areaId(path), path, role };
}
