import { fileURLToPath } from 'node:url';
import { layoutFileSchema, LarderError } from '../../shared/contract/index.ts';
import type { Layout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { FileSystem } from '../fs/index.ts';
import { areaFrom, namedAreas } from './normal-area.ts';
import { parseYaml } from './yaml-text.ts';

/**
 * Folder of the layouts Larder ships, a YAML file each. Beside this file when running from source; the build puts the
 * folder at the same place below `dist/`, where each entry is one file in a folder of its own.
 */
const folder = new URL(import.meta.url.endsWith('.ts') ? './shipped/' : '../engine/layouts/shipped/', import.meta.url);

/** A text of a layout file as a layout. Throws `INVALID_INPUT` saying what is wrong where. */
export function layoutOf(text: string, name: string): Layout {
  const { value: file, problems = [] } = parseYaml(text, layoutFileSchema);
  if (file === undefined) throw unusable(name, problems[0]);
  const { named, problems: wrong } = namedAreas(file.areas);
  if (wrong[0] !== undefined) throw unusable(name, wrong[0]);
  const { root = '', environment = [], mounts = [], marks = [], places = [], moves = [], services = [] } = file;
  return {
    ...file,
    root,
    environment,
    mounts,
    marks,
    places,
    moves,
    services,
    areas: named.flatMap((each) => areaFrom(each) ?? []),
  };
}

function unusable(name: string, problem: { message: string; line?: number | undefined } | undefined): LarderError {
  const line = problem?.line === undefined ? '' : ` line ${problem.line}:`;
  return new LarderError('INVALID_INPUT', `The layout ${displayName(name)} cannot be used:${line} ${problem?.message}`);
}

/** The layouts that come with Larder, projects first, by title. */
export function readShipped(fs: FileSystem): Layout[] {
  const path = fileURLToPath(folder);
  const layouts = fs
    .readDirectory(path)
    .filter(({ name }) => name.endsWith('.yaml'))
    .map(({ name }) => layoutOf(fs.readFile(path + name).toString(), name));
  const isProject = ({ group }: Layout): number => Number(group === 'project');
  return layouts.sort((a, b) => isProject(b) - isProject(a) || a.title.localeCompare(b.title, 'en'));
}
