import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { isLarderError } from '../../shared/contract/index.ts';
import type { LarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Finding } from './finding.ts';
import { parseEnv } from './dotenv.ts';
import { unknownMark } from './interpolate.ts';
import { Budget, mergeMaps } from './merge.ts';
import { parseCompose } from './parse.ts';
import type { Entry, Mapping, Node, Scope, Spot } from './tree.ts';
import { asMap, entry, isSaid, textOf } from './tree.ts';

/** Reads files of a project. Throws `LarderError` for what cannot be read, `NOT_FOUND` for what is not there. */
export interface Reader {
  /** The text of a file, limited in size. */
  read(path: string): string;
}

export interface ProjectRequest {
  /** In the order they merge; the first one's folder is the project's. Absolute. */
  readonly files: readonly string[];
  /** Replaces the project's `.env`. */
  readonly envFile?: string | undefined;
  /** Home directory of the person, for `~` and `HOME`. */
  readonly home: string;
}

/** The files of a project merged into one model. */
export interface LoadedProject {
  /** Absolute; relative paths in the files start here. */
  readonly folder: string;
  /** Files read, in order: those asked for, then what they include and extend. */
  readonly files: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
  readonly scope: Scope;
  readonly services: ReadonlyMap<string, Entry>;
  readonly volumes: ReadonlyMap<string, Entry>;
  /** The project's name where a file or `.env` says one. */
  readonly name?: string | undefined;
  readonly problems: readonly Finding[];
  /** The mapping of each service as each file has it, first file first, before anything was merged. */
  readonly own: ReadonlyMap<string, readonly Mapping[]>;
  /** The top mapping of each file. */
  readonly roots: ReadonlyMap<string, Mapping>;
}

/** What a compose file may consist of. */
const topLevel = new Set('services volumes networks configs secrets models include name'.split(' '));
const maxIncludeDepth = 10;
const maxExtends = 100;
const maxFiles = 100;

/** Reads and merges a project as Docker Compose does. What is wrong with its files comes back as findings. */
export function loadProject(request: ProjectRequest, reader: Reader): LoadedProject {
  const first = request.files[0] ?? '';
  const folder = dirname(first);
  const loader = new Loader(reader, request.home);
  const variables = loader.variables(folder, request.envFile, new Map());
  const scope: Scope = { folder, variables };
  const model = loader.model(request.files, scope, []);
  const named = textOf(model.entries.get('name')?.value) ?? variables.get('COMPOSE_PROJECT_NAME');
  return {
    folder,
    files: [...loader.texts.keys()],
    texts: loader.texts,
    scope,
    services: asMap(model.entries.get('services')?.value)?.entries ?? new Map<string, Entry>(),
    volumes: asMap(model.entries.get('volumes')?.value)?.entries ?? new Map<string, Entry>(),
    name: named === '' || named?.includes(unknownMark) === true ? undefined : named,
    problems: loader.problems,
    own: loader.own,
    roots: loader.roots,
  };
}

type Problem = Pick<Finding, 'spot' | 'subject' | 'message' | 'service'> & {
  readonly rule: 'bad-yaml' | 'unreadable' | 'missing-file' | 'extends-cycle';
  readonly why?: string;
};

/** What reading a file failed with, as the reason of a problem. */
function unread(spot: Spot, path: string, { code, message, hint }: LarderError): Problem {
  const rule = code === 'NOT_FOUND' ? 'missing-file' : 'unreadable';
  return { rule, spot, subject: path, message, ...(hint === undefined ? {} : { why: hint }) };
}

class Loader {
  readonly texts = new Map<string, string>();
  readonly roots = new Map<string, Mapping>();
  readonly own = new Map<string, Mapping[]>();
  readonly problems: Finding[] = [];
  private readonly reader: Reader;
  private readonly home: string;
  private readonly budget = new Budget();
  private readonly extending: string[] = [];

  constructor(reader: Reader, home: string) {
    this.reader = reader;
    this.home = home;
  }

  /** What `${…}` in files of a folder see: what the surroundings say wins over the folder's `.env`. */
  variables(folder: string, envFile: string | undefined, outer: ReadonlyMap<string, string>): Map<string, string> {
    const shell = new Map([['HOME', this.home], ['PWD', folder], ...outer]);
    const file = envFile ?? resolve(folder, '.env');
    const variables = new Map<string, string>();
    const text = this.readOptional(file, envFile !== undefined);
    for (const { name, value } of text === undefined ? [] : parseEnv(text, shell)) variables.set(name, value);
    return new Map([...variables, ...shell]);
  }

  private readOptional(path: string, asked: boolean): string | undefined {
    try {
      return this.reader.read(path);
    } catch (error) {
      if (!isLarderError(error)) throw error;
      if (asked) throw error;
      if (error.code !== 'NOT_FOUND') this.problem(unread(top(path), path, error));
      return undefined;
    }
  }

  /** Files merged into one, with what they include and extend. */
  model(files: readonly string[], scope: Scope, including: readonly string[], from?: Spot): Mapping {
    const nothing: Mapping = { kind: 'map', spot: top(files[0] ?? ''), scope, flow: false, entries: new Map() };
    let model = nothing;
    for (const file of files) {
      const root = this.file(file, scope, from);
      if (root === undefined) continue;
      this.roots.set(file, root);
      for (const [name, { value }] of asMap(root.entries.get('services')?.value)?.entries ?? []) {
        if (value.kind === 'map') this.own.set(name, [...(this.own.get(name) ?? []), value]);
      }
      model = mergeMaps(model, this.included(this.extended(root, file), file, scope, including), [], this.budget);
    }
    return model;
  }

  private file(path: string, scope: Scope, from?: Spot): Mapping | undefined {
    let text = this.texts.get(path);
    if (text === undefined) {
      if (this.texts.size >= maxFiles) {
        const message = `The project has more than ${maxFiles} files.`;
        this.problem({ rule: 'unreadable', spot: from ?? top(path), subject: path, message });
        return undefined;
      }
      try {
        text = this.reader.read(path);
      } catch (error) {
        if (!isLarderError(error)) throw error;
        this.problem(unread(from ?? top(path), path, error));
        return undefined;
      }
      this.texts.set(path, text);
    }
    const { root, problems } = parseCompose(path, text, scope);
    for (const { message, spot } of problems) {
      const told = `${displayName(basename(path))} cannot be read: ${message}`;
      this.problem({ rule: 'bad-yaml', spot, subject: message, message: told });
    }
    if (root !== undefined && ![...root.entries.keys()].some((name) => topLevel.has(name))) {
      const message = `${displayName(basename(path))} has no \`services\`, and nothing else of a compose file.`;
      this.problem({ rule: 'bad-yaml', spot: root.spot, subject: 'services', message });
    }
    const services = root?.entries.get('services')?.value;
    if (isSaid(services) && services.kind !== 'map') {
      const message = '`services` is not a mapping of names to services.';
      this.problem({ rule: 'bad-yaml', spot: services.spot, subject: 'services', message });
    }
    return root;
  }

  private problem(problem: Problem): void {
    const why = 'Docker Compose refuses such a file; what it would keep, and where, cannot be told until it is mended.';
    this.problems.push({ severity: 'error', why, ...problem });
  }

  /** A file that is elsewhere, or whose name depends on a variable without a value. */
  private notSeen(spot: Spot, subject: string): void {
    const message = `${subject.replaceAll(unknownMark, '…')} is not known here, and was not looked at.`;
    const why = 'Its services may lose data that nothing is said about.';
    this.problems.push({ rule: 'unreadable', severity: 'info', spot, subject, message, why });
  }

  /** The file with `extends` of its services carried out. */
  private extended(root: Mapping, file: string): Mapping {
    const services = asMap(root.entries.get('services')?.value);
    if (services === undefined) return root;
    const entries = new Map<string, Entry>();
    for (const [name, { key, value }] of services.entries) {
      entries.set(name, { key, value: this.service(name, services, file) ?? value });
    }
    const before = root.entries.get('services');
    const all = new Map(root.entries);
    if (before !== undefined) all.set('services', { key: before.key, value: { ...services, entries } });
    return { ...root, entries: all };
  }

  private service(name: string, services: Mapping, file: string): Mapping | undefined {
    const service = asMap(services.entries.get(name)?.value);
    const link = service?.entries.get('extends')?.value;
    if (service === undefined || !isSaid(link)) return service;
    const id = `${file}\n${name}`;
    if (this.extending.length >= maxExtends) {
      const message = `Services extend each other more than ${maxExtends} deep.`;
      this.problem({ rule: 'extends-cycle', spot: link.spot, subject: name, service: name, message });
      return service;
    }
    if (this.extending.includes(id)) {
      const circle = this.extending.slice(this.extending.indexOf(id));
      const names = [...circle, id].map((each) => each.split('\n')[1] ?? '');
      const message = `Services extend each other in a circle: ${names.join(' → ')}.`;
      const subject = names.slice(1).sort().join(' ');
      if (!this.problems.some((known) => known.rule === 'extends-cycle' && known.subject === subject)) {
        this.problem({ rule: 'extends-cycle', spot: link.spot, subject, service: name, message });
      }
      return service;
    }
    this.extending.push(id);
    try {
      const base = this.baseOf(link, services, file);
      if (base === undefined) return service;
      const entries = new Map(service.entries);
      entries.delete('extends');
      return mergeMaps(base, { ...service, entries }, ['services', name], this.budget);
    } finally {
      this.extending.pop();
    }
  }

  private baseOf(link: Node, services: Mapping, file: string): Mapping | undefined {
    const wanted = textOf(link.kind === 'scalar' ? link : entry(link, 'service'));
    const other = textOf(entry(link, 'file'));
    if (wanted === undefined) return undefined;
    if (other !== undefined && (other.includes(unknownMark) || isRemote(other))) {
      this.notSeen(link.spot, other);
      return undefined;
    }
    if (other === undefined) {
      const base = this.service(wanted, services, file);
      if (base === undefined) this.missingService(link.spot, wanted, file);
      return base;
    }
    const path = resolve(link.scope.folder, other);
    const root = this.file(path, { folder: dirname(path), variables: link.scope.variables }, link.spot);
    if (root === undefined) return undefined;
    this.roots.set(path, root);
    const others = asMap(root.entries.get('services')?.value);
    const base = others === undefined ? undefined : this.service(wanted, others, path);
    if (base === undefined) this.missingService(link.spot, wanted, path);
    return base;
  }

  private missingService(spot: Spot, wanted: string, file: string): void {
    const message = `It extends the service ${wanted}, which ${displayName(basename(file))} does not have.`;
    this.problem({ rule: 'missing-file', spot, subject: wanted, message });
  }

  /** The file with the services and volumes of what it includes; its own win. */
  private included(root: Mapping, file: string, scope: Scope, including: readonly string[]): Mapping {
    const include = root.entries.get('include')?.value;
    if (!isSaid(include)) return root;
    const chain = [...including, file];
    const entries = new Map(root.entries);
    entries.delete('include');
    let whole: Mapping = { ...root, entries };
    for (const item of include.kind === 'list' ? include.items : [include]) {
      const path = item.kind === 'map' ? entry(item, 'path') : item;
      const paths = (path?.kind === 'list' ? path.items : [path])
        .map((each) => textOf(each))
        .filter((each) => each !== undefined && !each.includes(unknownMark))
        .map((each) => resolve(scope.folder, each ?? ''));
      const [first] = paths;
      const asked = path?.kind === 'list' ? path.items[0] : path;
      const text = textOf(asked) ?? '';
      if (first === undefined || isRemote(text)) {
        this.notSeen(item.spot, asked?.kind === 'scalar' ? asked.source : '');
        continue;
      }
      if (chain.includes(first) || chain.length > maxIncludeDepth) {
        const what = chain.includes(first) ? 'in a circle' : `more than ${maxIncludeDepth} deep`;
        const message = `Files include each other ${what}: ${displayName(first)}.`;
        this.problem({ rule: 'extends-cycle', spot: item.spot, subject: first, message });
        continue;
      }
      const directory = textOf(entry(item, 'project_directory'));
      const folder = directory === undefined ? dirname(first) : resolve(scope.folder, directory);
      const envFile = textOf(entry(item, 'env_file'));
      const env = envFile === undefined ? undefined : resolve(scope.folder, envFile);
      const variables = this.includedVariables(folder, env, scope, item.spot);
      const model = this.model(paths, { folder, variables }, chain, item.spot);
      const kept = new Map([...model.entries].filter(([name]) => name === 'services' || name === 'volumes'));
      whole = mergeMaps({ ...model, entries: kept }, whole, [], this.budget);
    }
    return whole;
  }

  private includedVariables(folder: string, env: string | undefined, scope: Scope, spot: Spot): Map<string, string> {
    const outer = new Map(scope.variables);
    outer.delete('PWD');
    try {
      return this.variables(folder, env, outer);
    } catch (error) {
      if (!isLarderError(error)) throw error;
      this.problem(unread(spot, env ?? folder, error));
      return new Map(scope.variables);
    }
  }
}

/** Git repositories, OCI artifacts and web addresses, which Compose fetches. */
function isRemote(path: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|oci:|git@|github\.com\/)/.test(path);
}

/** The beginning of a file. */
function top(file: string): Spot {
  return { file, line: 1, column: 1, start: 0, end: 0 };
}

/** A path as a compose file has it, made absolute; undefined when the host it is for cannot be this one. */
export function hostPath(source: string, scope: Scope): string | undefined {
  if (source.includes(unknownMark)) return undefined;
  const home = scope.variables.get('HOME') ?? '';
  const path = /^~(?:[/\\]|$)/.test(source) ? home + source.slice(1) : source;
  if (isAbsolute(path)) return resolve(path);
  return /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) ? undefined : resolve(scope.folder, path);
}
