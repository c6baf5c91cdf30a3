import { basename, dirname, join, resolve } from 'node:path';
import { comparePaths } from '../../shared/path-text.ts';
import { isSystemError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { parseEnv } from './dotenv.ts';
import { parseCompose } from './parse.ts';
import type { Mapping } from './tree.ts';
import { asMap, isSaid } from './tree.ts';

/** Names Compose takes by itself, in its order of preference. */
const usualNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const usualOverrides = usualNames.map((name) => name.replace(/\.(ya?ml)$/, '.override.$1'));
const composeName = /^(?:docker-compose[\w.-]*|compose(?:[._-][\w.-]+)?)\.ya?ml$/i;
const overrideName = /[._-]override\.ya?ml$/i;

/** Folders of a project that compose files often lie in. */
export const usualFolders = ['docker', '.docker', 'compose', 'deploy', 'deployment', 'infra', 'ops', '.devcontainer'];
const maxLevels = 3;
/** Folders directly in a project's root that are looked into. */
const maxFolders = 200;
const maxProjects = 50;
const maxNames = 5_000;

export function isComposeName(path: string): boolean {
  return composeName.test(basename(path));
}

function namesIn(fs: FileSystem, folder: string): { files: string[]; folders: string[] } {
  try {
    const entries = fs.readDirectory(folder).slice(0, maxNames);
    const pick = (kinds: readonly string[]): string[] =>
      entries
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ name }) => name)
        .sort(comparePaths);
    return { files: pick(['file', 'symlink']), folders: pick(['dir']) };
  } catch (error) {
    // A folder that cannot be read has no compose file that could be checked.
    if (isSystemError(error)) return { files: [], folders: [] };
    throw error;
  }
}

/**
 * Folders in which a store's project may have compose files: the store's own parents up to the root of the Git checkout,
 * or three levels where there is none, and what lies directly in them. Never `node_modules` or the store itself.
 */
export function foldersBeside(fs: FileSystem, store: string, home: string): string[] {
  const parents: string[] = [];
  let root: string | undefined;
  let at = store;
  for (let level = 0; level < 40; level++) {
    const isRoot = namesIn(fs, at).folders.includes('.git') || namesIn(fs, at).files.includes('.git');
    parents.push(at);
    if (isRoot) {
      root = at;
      break;
    }
    const above = dirname(at);
    if (above === at) break;
    at = above;
  }
  const near = (root === undefined ? parents.slice(0, maxLevels + 1) : parents)
    // Neither the top of a disk nor that of all people's homes is a project.
    .filter((folder) => dirname(folder) !== folder && folder !== dirname(home));
  const folders: string[] = [];
  for (const folder of near) {
    folders.push(folder);
    if (folder === store) continue;
    const inside = namesIn(fs, folder).folders.filter(
      (name) => name !== 'node_modules' && join(folder, name) !== store,
    );
    const all = root !== undefined && folder === root;
    const wanted = inside.filter((name) => usualFolders.includes(name) || (all && !name.startsWith('.')));
    // A home directory holds other people's projects, too: only what is expected there is looked at.
    folders.push(...(folder === home ? [] : wanted.slice(0, maxFolders)).map((name) => join(folder, name)));
  }
  return [...new Set(folders)];
}

/** The files of each project in these folders, in the order they merge. */
export function projectsIn(fs: FileSystem, folders: readonly string[], read: (path: string) => string): string[][] {
  const projects: string[][] = [];
  for (const folder of folders) {
    const names = namesIn(fs, folder).files.filter((name) => composeName.test(name));
    const chosen = chosenIn(fs, folder, read);
    const files = names.map((name) => join(folder, name)).filter((file) => !chosen.includes(file));
    projects.push(...(chosen.length > 0 ? [chosen] : []), ...grouped(files, read));
    if (projects.length >= maxProjects) break;
  }
  return projects.slice(0, maxProjects);
}

/** The files that `COMPOSE_FILE` in a folder's `.env` names, as far as they are there. */
function chosenIn(fs: FileSystem, folder: string, read: (path: string) => string): string[] {
  let text: string;
  try {
    text = read(join(folder, '.env'));
  } catch {
    // Mostly there is none; where it cannot be read, the check says so.
    return [];
  }
  const variables = new Map(parseEnv(text, new Map()).map(({ name, value }) => [name, value]));
  const separator = variables.get('COMPOSE_PATH_SEPARATOR') ?? (process.platform === 'win32' ? ';' : ':');
  return (variables.get('COMPOSE_FILE') ?? '')
    .split(separator === '' ? ':' : separator)
    .filter((name) => name !== '')
    .map((name) => resolve(folder, name))
    .filter((file) => namesIn(fs, dirname(file)).files.includes(basename(file)));
}

/**
 * Which files of one folder belong together. The first of the usual names is the base and takes its override file along,
 * as `docker compose up` does. Any other is a project of its own, or goes over the base when it cannot stand alone: it
 * names services that have neither image nor build.
 */
export function grouped(files: readonly string[], read: (path: string) => string): string[][] {
  const groups: string[][] = [];
  const byFolder = Map.groupBy(files, (file) => dirname(file));
  for (const group of byFolder.values()) {
    const named = (names: readonly string[]): string | undefined =>
      names.map((name) => group.find((file) => basename(file) === name)).find((file) => file !== undefined);
    const base = named(usualNames);
    const override = named(usualOverrides);
    const rest = group.filter((file) => file !== base && file !== override);
    if (base !== undefined) groups.push(override === undefined ? [base] : [base, override]);
    else if (override !== undefined) rest.unshift(override);
    for (const file of rest) {
      // `docker-compose.prod.override.yml` goes over `docker-compose.prod.yml`.
      const own = overrideName.test(file)
        ? rest.find((each) => each === file.replace(overrideName, file.slice(file.lastIndexOf('.'))))
        : undefined;
      const under = own ?? base;
      if (under !== undefined && (own !== undefined || !standsAlone(file, read))) groups.push([under, file]);
      else groups.push([file]);
    }
  }
  return groups;
}

function standsAlone(file: string, read: (path: string) => string): boolean {
  let root: Mapping | undefined;
  try {
    root = parseCompose(file, read(file), { folder: dirname(file), variables: new Map() }).root;
  } catch {
    // It is read again when it is checked, which tells what is wrong.
    return true;
  }
  const services = asMap(root?.entries.get('services')?.value);
  if (services === undefined) return root?.entries.has('include') === true || root === undefined;
  return [...services.entries.values()].every(({ value }) =>
    ['image', 'build', 'extends', 'provider'].some((key) => isSaid(asMap(value)?.entries.get(key)?.value)),
  );
}

/** The override file that `docker compose up` would add to this file by itself. */
export function overrideBeside(fs: FileSystem, file: string): string | undefined {
  if (!usualNames.includes(basename(file))) return undefined;
  const names = namesIn(fs, dirname(file)).files;
  const name = usualOverrides.find((each) => names.includes(each));
  return name === undefined ? undefined : join(dirname(file), name);
}
