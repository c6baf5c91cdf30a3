import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { ComposeCheck, ComposeFinding, ComposeProject } from '../../shared/contract/index.ts';
import { unifiedDiff } from '../../shared/unified-diff.ts';
import type { FileSystem } from '../fs/index.ts';
import { checkProject } from './check.ts';
import { diskFacts } from './disk.ts';
import { applyEdits } from './edit.ts';
import { decode, DiskReader, readSmall } from './files.ts';
import { foldersBeside, grouped, overrideBeside, projectsIn } from './find.ts';
import type { CannotTell, Finding } from './finding.ts';
import { knownImage } from './images.ts';
import { loadProject } from './load.ts';
import { resolveProject } from './model.ts';
import type { Project } from './model.ts';
import type { CheckedStore } from './rules/context.ts';

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

/** A project and what was found, still with its edits. */
interface Result {
  readonly project: Project;
  readonly findings: readonly Finding[];
  readonly cannotTell: readonly CannotTell[];
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
        throw new LarderError('NOT_FOUND', `There is no compose file in ${path}.`, {
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

function results(fs: FileSystem, request: CheckRequest, instead?: ReadonlyMap<string, string>): Result[] {
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

function told(fs: FileSystem, { project, findings, cannotTell }: Result): ComposeProject {
  return {
    folder: project.folder,
    name: project.name,
    files: [...project.loaded.files],
    services: project.services.map(({ name, spot, image, profiles, mounts }) => {
      const known = image === undefined ? undefined : knownImage(image);
      return {
        name,
        ...placeOf(spot),
        ...(image === undefined ? {} : { image: shown(image.text) }),
        ...(known?.kind === 'fact' ? { title: known.fact.title } : {}),
        profiles: [...profiles],
        mounts: mounts.map(({ kind, source, target, readOnly }) => ({
          kind,
          target: shown(target),
          readOnly,
          ...(source === undefined ? {} : { source: shown(source) }),
        })),
      };
    }),
    findings: findings.map((finding) => toldFinding(fs, project, finding)),
    cannotTell: cannotTell.map(({ spot, service, subject, message, why }) => ({
      ...placeOf(spot),
      ...(service === undefined ? {} : { service }),
      subject: shown(subject),
      message: shown(message),
      why: shown(why),
    })),
  };
}

/** A variable without a value shows as an ellipsis. */
function shown(text: string): string {
  return text.replaceAll('\u0000', '…');
}

function placeOf({ file, line, column }: Finding['spot']): { file: string; line: number; column: number } {
  return { file, line, column };
}

function toldFinding(fs: FileSystem, project: Project, finding: Finding): ComposeFinding {
  const { rule, severity, spot, service, subject, message, why, mend, command } = finding;
  const files = [...new Set(mend?.edits.map(({ file }) => file) ?? [])];
  const patch = files
    .map((file) => {
      const before = textOf(fs, project, file);
      const edits = mend?.edits.filter((edit) => edit.file === file) ?? [];
      return patchOf(project.folder, file, before, applyEdits(before, edits));
    })
    .join('');
  return {
    id: idOf(finding),
    rule,
    severity,
    ...placeOf(spot),
    ...(service === undefined ? {} : { service }),
    subject: shown(subject),
    message: shown(message),
    why: shown(why),
    ...(mend === undefined || patch === ''
      ? {}
      : {
          fix: {
            title: shown(mend.title),
            patch,
            files,
            safe: mend.safe,
            ...(mend.note === undefined ? {} : { note: mend.note }),
          },
        }),
    ...(command === undefined ? {} : { command }),
  };
}

/** The text edits were made for: of the project's files as read, of scripts from the disk. */
function textOf(fs: FileSystem, project: Project, file: string): string {
  return project.loaded.texts.get(file) ?? decode(file, readSmall(fs, file));
}

function patchOf(folder: string, file: string, before: string, after: string): string {
  const name = nameIn(folder, file);
  return unifiedDiff(before, after, { before: name, after: name });
}

function nameIn(folder: string, file: string): string {
  const below = relative(folder, file).split('\\').join('/');
  return below.startsWith('../') || below === '' ? file.replace(/^\/+/, '') : below;
}

/** Names a finding by what it is about, so that it is the same when lines move. */
function idOf({ rule, service, subject, spot }: Finding): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, service, subject, spot.file]))
    .digest('hex')
    .slice(0, 16);
}

export interface FixRequest {
  readonly check: CheckRequest;
  readonly findings: 'safe' | readonly string[];
}

/** Files as they would be once findings are mended. */
export interface Fixed {
  readonly files: readonly {
    readonly file: string;
    /** SHA-256 of the bytes the mend was made for. */
    readonly digest: string;
    readonly text: string;
    readonly patch: string;
  }[];
  readonly mended: readonly { id: string; rule: Finding['rule']; message: string; title: string; note?: string }[];
  readonly left: readonly string[];
}

const maxMends = 500;

/**
 * Mends one finding after the other in memory, checking anew after each, so that mends of one file agree with each other
 * and nothing is mended that an earlier mend has settled.
 */
export function runFix(fs: FileSystem, { check, findings: wanted }: FixRequest): Fixed {
  const before = new Map<string, { text: string; digest: string; folder: string }>();
  const now = new Map<string, string>();
  const mended = new Map<string, Fixed['mended'][number]>();
  const asked = wanted === 'safe' ? undefined : new Set(wanted);
  for (let round = 0; round < maxMends; round++) {
    const next = results(fs, check, now)
      .flatMap(({ project, findings }) => findings.map((finding) => ({ project, finding, id: idOf(finding) })))
      .find(
        ({ finding: { mend }, id }) =>
          mend !== undefined && !mended.has(id) && (asked === undefined ? mend.safe : asked.has(id)),
      );
    if (next?.finding.mend === undefined) break;
    const { project, finding, id } = next;
    const { title, note, edits } = next.finding.mend;
    for (const file of new Set(edits.map((edit) => edit.file))) {
      let text = now.get(file);
      if (text === undefined) {
        const bytes = readSmall(fs, file);
        text = decode(file, bytes);
        before.set(file, { text, digest: digestOf(bytes), folder: project.folder });
      }
      now.set(
        file,
        applyEdits(
          text,
          edits.filter((edit) => edit.file === file),
        ),
      );
    }
    mended.set(id, {
      id,
      rule: finding.rule,
      message: shown(finding.message),
      title: shown(title),
      ...(note === undefined ? {} : { note }),
    });
  }
  return {
    files: [...before].flatMap(([file, { text, digest, folder }]) => {
      const after = now.get(file) ?? text;
      return after === text ? [] : [{ file, digest, text: after, patch: patchOf(folder, file, text, after) }];
    }),
    mended: [...mended.values()],
    left: [...(asked ?? [])].filter((id) => !mended.has(id)),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
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
    throw new LarderError('PERMISSION', `${file} is no compose file of what was checked.`, {
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
