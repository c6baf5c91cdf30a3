import type { AreaBackup, AreaCleanup, LayoutVariable, Role, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Owner } from './wanted.ts';

/** The texts that setup writes. All of them end with a newline. */

/** A value as env files and shells take it. Undefined for one that no env file can hold. */
function quoted(value: string): string | undefined {
  if (/^[\w./:@%+,=~-]*$/.test(value)) return value;
  if (/[\n\r]/.test(value)) return undefined;
  return value.includes("'") ? `"${value.replace(/["\\$`]/g, '\\$&')}"` : `'${value}'`;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/**
 * The variables of a store: what a container sees, or the place on this machine where the layout says nothing of
 * containers. Of a name that two services use, the first counts, since a file holds one.
 */
export function variablesOf(layout: Pick<StoreLayout, 'environment'>, root: string): Variable[] {
  const found = new Map<string, string>();
  for (const variable of layout.environment) {
    const value = quoted(valueOf(variable, root));
    if (value !== undefined && !found.has(variable.name)) found.set(variable.name, value);
  }
  return [...found].map(([name, value]) => ({ name, value }));
}

function valueOf({ value, path }: LayoutVariable, root: string): string {
  if (value !== undefined) return value;
  return path === undefined || path === '' ? root : `${root}/${path}`;
}

/** `persistent.env` with every variable of a layout. */
export function environmentText(variables: readonly Variable[]): string {
  return `# Where the services keep what must outlive their containers.\n${variableLines(variables)}`;
}

export function variableLines(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${name}=${value}\n`).join('');
}

/** Values that an env file sets, as far as setup needs them: by name, without quotes. */
export function variablesIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) found.set(name, value.replace(/^(['"])(.*)\1$/, '$2'));
  }
  return found;
}

/** A JSON string is a YAML double-quoted scalar; a dollar sign would start a variable of Compose's. */
function yaml(text: string): string {
  return JSON.stringify(text.replaceAll('$', '$$$$'));
}

/**
 * The mounts of a layout as a compose file to be given beside the project's own. Undefined when the layout has none.
 * `folder` is the name of the store's folder beside the file, `environment` the env file relative to the store, `user`
 * whom the store's folders belong to: the images of databases and metrics run as users of their own, which could not
 * write there.
 */
export function composeText(
  layout: Pick<StoreLayout, 'mounts' | 'environment' | 'containerRoot'> & {
    readonly areas: readonly Pick<StoreLayout['areas'][number], 'path' | 'role'>[];
  },
  folder: string,
  environment: string | undefined,
  user: Owner | undefined,
): string | undefined {
  if (layout.mounts.length === 0) return undefined;
  const services = new Map<string, string[]>();
  for (const { service, path, target } of layout.mounts) {
    const source = path === '' ? `./${folder}` : `./${folder}/${path}`;
    const mounts = services.get(service) ?? [];
    services.set(service, [...mounts, `${source}:${target}`]);
  }
  const readers = new Set([
    ...layout.environment.flatMap(({ service }) => service ?? []),
    ...layout.mounts.flatMap(({ service, path }) => (path === '' ? [service] : [])),
  ]);
  const served = new Set(layout.areas.flatMap(({ path, role }) => (servedRoles.has(role) ? [path] : [])));
  const apart = new Set(layout.mounts.flatMap(({ service, path }) => (served.has(path) ? [service] : [])));
  const lines = [
    `# Mounts of ${displayName(folder)}, without which the services lose what they write with their containers.`,
    '# Use it beside your own: docker compose -f docker-compose.yml -f compose.larder.yaml up',
    '# Remove the services you do not run.',
    'services:',
  ];
  for (const [service, mounts] of services) {
    lines.push(`  ${/^[\w.-]+$/.test(service) ? service : JSON.stringify(service)}:`);
    if (user !== undefined && apart.has(service)) lines.push(`    user: "${user.uid}:${user.gid}"`);
    if (environment !== undefined && readers.has(service)) {
      lines.push('    env_file:', `      - ${yaml(`./${folder}/${environment}`)}`);
    }
    lines.push('    volumes:', ...mounts.map((mount) => `      - ${yaml(mount)}`));
  }
  return `${lines.join('\n')}\n`;
}

/** What ready-made images keep, each as a user of its own. */
const servedRoles: ReadonlySet<Role> = new Set(['database', 'metrics']);

function backupWords(rule: AreaBackup): string {
  if (rule === 'always') return 'backed up';
  if (rule === 'never') return 'not backed up';
  return `backed up: files of the last ${rule.recentDays} days`;
}

function cleanupWords(rule: AreaCleanup): string {
  if (rule === 'never') return 'never cleaned up';
  if (rule === 'retention') return 'old backups go by the rules of rotation';
  const age = 'olderThanDays' in rule ? `${rule.olderThanDays} days` : `${rule.olderThanHours} hours`;
  return `cleaned up: files older than ${age}`;
}

/** A note in the data folder for whoever finds it. */
export function readmeText(layout: StoreLayout, title: string): string {
  const cell = (text: string): string => displayName(text).replaceAll('|', '\\|');
  const rows = layout.areas
    .filter(({ guess }) => guess !== true)
    .map(
      (area) =>
        `| \`${cell(area.path === '' ? '.' : area.path)}\` | ${cell(area.title ?? area.role)} | ` +
        `${backupWords(area.backup)}; ${cleanupWords(area.cleanup)} |`,
    );
  return [
    '# Data of this project',
    '',
    `This folder holds what the project keeps on disk (${displayName(title)}). It is data, not code: it is not in Git,`,
    'and what is deleted here is gone unless a backup has it.',
    '',
    '| folder | holds | rules |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '`larder.yaml` says the same to Larder, and is where to change it.',
    '',
  ].join('\n');
}

/** A path as a line of .gitignore that means exactly that folder; undefined where none can. */
export function ignoreLine(path: string): string | undefined {
  if (/[\n\r]/.test(path)) return undefined;
  return `/${path.replace(/[\\*?[]/g, '\\$&')}/`;
}

/** The lines that a .gitignore lacks. One that names a folder, or a folder above it, counts, however it is written. */
export function missingLines(text: string, wanted: readonly string[]): string[] {
  const plain = (line: string): string => line.trim().replace(/^\/+|\/+$/g, '');
  const there = new Set(
    text
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s*[#!]/.test(line))
      .map((line) => plain(line).replace(/\/\*{1,2}$/, '')),
  );
  return wanted.filter((line) => {
    const parts = plain(line).split('/');
    // A name alone, without a slash in it, means that name anywhere.
    if (parts.some((part) => there.has(part))) return false;
    return !parts.some((_, index) => there.has(parts.slice(0, index + 1).join('/')));
  });
}

/** A text with lines added at its end, in its own kind of line ends. */
export function withLines(before: string, added: string): string {
  const windows = before.includes('\r\n');
  const end = windows ? '\r\n' : '\n';
  const glue = before === '' || before.endsWith('\n') ? '' : end;
  return before + glue + (windows ? added.replaceAll('\n', '\r\n') : added);
}
