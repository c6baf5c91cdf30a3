import { basename, dirname } from 'node:path';
import { displayName, hasRawBytes } from '../../shared/path-text.ts';
import { larderYamlJsonSchema, newLarderYaml, schemaFileName } from '../layouts/index.ts';
import type { FoundMove } from './found-moves.ts';
import type { Planner } from './planner.ts';
import { relativeIn } from './real-place.ts';
import {
  composeText,
  environmentText,
  ignoreLine,
  missingLines,
  readmeText,
  variableLines,
  variablesIn,
  variablesOf,
} from './texts.ts';
import { bigAreas, environmentPath } from './wanted.ts';

/** The files that setup writes, each planned by what is there. */

export function planLarderYaml(planner: Planner): void {
  const { root, layout, layoutId, owner } = planner.request;
  const [problem] = layout.problems;
  if (problem !== undefined) {
    const line = problem.line === undefined ? '' : ` line ${problem.line}:`;
    planner.notes.push(`larder.yaml does not count:${line} ${problem.message}`);
  }
  const text = newLarderYaml(layoutId) + (owner === undefined ? '' : `owner: ${owner}\n`);
  planner.file('larder.yaml', `${root}/larder.yaml`, text);
  planner.file('larder.yaml', `${root}/${schemaFileName}`, larderYamlJsonSchema());
}

export function planEnvironment(planner: Planner): void {
  const { root, layout } = planner.request;
  const variables = variablesOf(layout, root);
  if (variables.length === 0) return;
  const path = `${root}/${environmentPath(layout)}`;
  const shown = { part: 'environment', kind: 'append-lines', path } as const;
  if (!planner.ground.isThere(path)) {
    planner.file('environment', path, environmentText(variables));
    return;
  }
  planner.lines(shown, (text) => {
    const there = variablesIn(text);
    const other = variables.filter(
      ({ name, value }) => there.has(name) && there.get(name) !== value.replace(/^(['"])(.*)\1$/, '$2'),
    );
    if (other.length > 0) {
      const names = other.map(({ name }) => name).join(', ');
      planner.notes.push(`${displayName(path)} has values of its own for ${names}; they stay.`);
    }
    return variableLines(variables.filter(({ name }) => !there.has(name)));
  });
}

export function planReadme(planner: Planner): void {
  const { root, layout, title } = planner.request;
  planner.file('readme', `${root}/README.md`, readmeText(layout, title));
}

export function planCompose(planner: Planner): void {
  const { root, layout } = planner.request;
  const folder = basename(root);
  const hasEnvironment = variablesOf(layout, root).length > 0;
  const text = composeText(layout, folder, hasEnvironment ? environmentPath(layout) : undefined, planner.holder());
  if (text === undefined) return;
  const path = `${dirname(root).replace(/\/$/, '')}/compose.larder.yaml`;
  if (hasRawBytes(folder)) {
    const reason = 'No compose file can name a folder whose name is not UTF-8.';
    planner.add({ part: 'compose', kind: 'write-file', path, detail: '', state: 'cannot', reason });
    return;
  }
  planner.file('compose', path, text);
}

/** Lines for the .gitignore of the project: at the top of the Git work tree, else in the folder the store lies in. */
export function planGitignore(planner: Planner, moves: readonly FoundMove[]): void {
  const { root, layout } = planner.request;
  const top = workTree(planner) ?? dirname(root);
  const wanted: string[] = [];
  const chosen = moves.flatMap((move) => (move.chosen && move.action !== undefined ? [move.action.kept] : []));
  const folders = [...bigAreas(layout), '.larder-undo'].map((area) => `${root}/${area}`);
  for (const folder of [...folders, ...chosen]) {
    const relative = relativeIn(top, folder);
    const line = relative === undefined ? undefined : ignoreLine(relative);
    if (line !== undefined) wanted.push(line);
  }
  const path = `${top.replace(/\/$/, '')}/.gitignore`;
  if (hasRawBytes(path) || wanted.some(hasRawBytes)) {
    const reason = 'No text can name a folder whose name is not UTF-8.';
    planner.add({ part: 'gitignore', kind: 'append-lines', path, detail: '', state: 'cannot', reason });
    return;
  }
  const text = (lines: readonly string[]): string =>
    lines.length === 0 ? '' : `# Data, kept by Larder\n${lines.map((line) => `${line}\n`).join('')}`;
  if (planner.ground.isThere(path)) {
    planner.lines({ part: 'gitignore', kind: 'append-lines', path }, (now) => text(missingLines(now, wanted)));
  } else planner.file('gitignore', path, text(wanted));
}

/** Top of the Git work tree that a store lies in. */
function workTree({ ground, request }: Planner): string | undefined {
  for (let at = dirname(request.root); ; at = dirname(at)) {
    if (ground.isThere(`${at.replace(/\/$/, '')}/.git`)) return at;
    if (dirname(at) === at) return undefined;
  }
}
