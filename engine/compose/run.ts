import { LarderError } from '../../shared/contract/index.ts';
import type { ComposeCheck, ComposeFinding } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { checkProject } from './check.ts';
import { diskFacts } from './disk.ts';
import { decode, DiskReader, readSmall } from './files.ts';
import { foldersBeside, grouped, overrideBeside, projectsIn } from './find.ts';
import { loadProject } from './load.ts';
import { resolveProject } from './model.ts';
import type { CheckedStore } from './rules/context.ts';
import { told } from './tell.ts';
import type { Result } from './tell.ts';

/** What to check, with everything a pool worker cannot ask for. */
export interface CheckRequest {
  readonly files?: readonly string[] | undefined;
  readonly profiles?: readonly string[] | undefined;
  readonly envFile?: string | undefined;
  /** Look beside this store, and hold what is found against it. */
  readonly store?: CheckedStore | undefined;
  /** Real roots of all stores known. */
  readonly roots: readonly string[];
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/** Files of each project to check. Throws `NOT_FOUND` for a file or folder that was named and is not there. */
export function projectFiles(fs: FileSystem, request: CheckRequest): string[][] {
  const reader = new DiskReader(fs);
  const read = (path: string): string => reader.read(path);
  const groups: string[][] = [];
  const named: string[] = [];
  for (const path of request.files ?? []) {
    if (isFolder(fs, path)) {
      const found = projectsIn(fs, [path], read);
      if (found.length === 0) {
        throw new LarderError('NOT_FOUND', `There is no compose file in ${displayName(path)}.`, {
          hint: 'They are called compose.yaml, docker-compose.yml and the like. Name the file.',
        });
      }
      groups.push(...found);
    } else {
      named.push(path);
      const override = overrideBeside(fs, path);
      if (override !== undefined) named.push(override);
    }
  }
  groups.push(...grouped([...new Set(named)], read));
  if (request.store !== undefined) {
    groups.push(...projectsIn(fs, foldersBeside(fs, request.store.path, request.home), read));
  }
  return [...new Map(groups.map((files) => [files.join('\n'), files])).values()];
}

function isFolder(fs: FileSystem, path: string): boolean {
  try {
    return fs.stat(path).isDirectory();
  } catch {
    // Reading it tells what is wrong.
    readSmall(fs, path);
    return false;
  }
}

/** Every project with what was found, files in `instead` as they would be after a change. */
export function results(fs: FileSystem, request: CheckRequest, instead?: ReadonlyMap<string, string>): Result[] {
  const reader = new DiskReader(fs, instead);
  const facts = diskFacts(fs, request.platform);
  return projectFiles(fs, request).map((files) => {
    const loaded = loadProject({ files, envFile: request.envFile, home: request.home }, reader);
    const project = resolveProject(loaded, reader, request.profiles);
    return { project, ...checkProject(project, { facts, store: request.store, roots: request.roots }) };
  });
}

/** Checks compose files. Throws `LarderError` where something named cannot be read; all else comes back as findings. */
export function runCheck(fs: FileSystem, request: CheckRequest): ComposeCheck {
  const seen = new Set<string>();
  // A file that goes over a base is checked with it; what is wrong with the base is said once.
  const fresh = ({ file, line, message }: { file: string; line: number; message: string }): boolean => {
    const key = JSON.stringify([file, line, message]);
    return !seen.has(key) && seen.add(key).size > 0;
  };
  const projects = results(fs, request).map((result) => {
    const project = told(fs, result);
    return { ...project, findings: project.findings.filter(fresh), cannotTell: project.cannotTell.filter(fresh) };
  });
  const findings = projects.flatMap((project) => project.findings);
  const count = (severity: ComposeFinding['severity']): number =>
    findings.filter((each) => each.severity === severity).length;
  return {
    projects,
    counts: {
      errors: count('error'),
      warnings: count('warning'),
      infos: count('info'),
      cannotTell: projects.reduce((sum, project) => sum + project.cannotTell.length, 0),
    },
  };
}

export interface SourceRequest {
  readonly check: CheckRequest;
  readonly file: string;
}

/** The text of one file of what is checked, with what was found in it. */
export function runSource(fs: FileSystem, { check, file }: SourceRequest) {
  const { projects } = runCheck(fs, check);
  const isYaml = /\.ya?ml$/i.test(file) && projects.some((project) => project.files.includes(file));
  // Of other files there are findings in, env files hold secrets.
  const isScript = projects.some(({ findings }) =>
    findings.some((each) => each.file === file && each.rule === 'script-removes-volumes'),
  );
  if (!isYaml && !isScript) {
    throw new LarderError('PERMISSION', `${displayName(file)} is no compose file of what was checked.`, {
      hint: 'Check again; files may have been renamed.',
    });
  }
  const text = decode(file, readSmall(fs, file));
  const here = <T extends { file: string; line: number; column: number }>(entries: readonly T[]): T[] => {
    const own = entries.filter((each) => each.file === file);
    return [...new Map(own.map((each) => [JSON.stringify(each), each])).values()];
  };
  return {
    file,
    text,
    findings: here(projects.flatMap((project) => project.findings)),
    cannotTell: here(projects.flatMap((project) => project.cannotTell)),
  };
}
