import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { ComposeFinding, ComposeProject } from '../../shared/contract/index.ts';
import { unifiedDiff } from '../../shared/unified-diff.ts';
import type { FileSystem } from '../fs/index.ts';
import { applyEdits } from './edit.ts';
import { decode, readSmall } from './files.ts';
import type { CannotTell, Finding } from './finding.ts';
import { knownImage } from './images.ts';
import type { Project } from './model.ts';

/** A project and what was found, still with its edits. */
export interface Result {
  readonly project: Project;
  readonly findings: readonly Finding[];
  readonly cannotTell: readonly CannotTell[];
}

/** What was found as the contract has it. */
export function told(fs: FileSystem, { project, findings, cannotTell }: Result): ComposeProject {
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
export function shown(text: string): string {
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

export function patchOf(folder: string, file: string, before: string, after: string): string {
  const name = nameIn(folder, file);
  return unifiedDiff(before, after, { before: name, after: name });
}

function nameIn(folder: string, file: string): string {
  const below = relative(folder, file).split('\\').join('/');
  return below.startsWith('../') || below === '' ? file.replace(/^\/+/, '') : below;
}

/** Names a finding by what it is about, so that it is the same when lines move. */
export function idOf({ rule, service, subject, spot }: Finding): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, service, subject, spot.file]))
    .digest('hex')
    .slice(0, 16);
}
