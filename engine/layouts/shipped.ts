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
  const {
    root = '',
    environment = [],
    mounts = [],
    marks = [],
    names = [],
    places = [],
    moves = [],
    services = [],
  } = file;
  return {
    ...file,
    root,
    environment,
    mounts,
    marks,
    names,
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

/** The layouts that come with Larder, each read when it is first asked for. */
export class ShippedLayouts {
  readonly #fs: FileSystem;
  readonly #read = new Map<string, Layout>();
  #ids: ReadonlySet<string> | undefined;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  find(id: string): Layout | undefined {
    const path = fileURLToPath(folder);
    this.#ids ??= new Set(this.#fs.readNames(path).flatMap((name) => /^(.+)\.yaml$/.exec(name)?.[1] ?? []));
    if (!this.#ids.has(id)) return undefined;
    let layout = this.#read.get(id);
    if (layout === undefined) {
      layout = layoutOf(this.#fs.readFile(`${path}${id}.yaml`).toString(), `${id}.yaml`);
      this.#read.set(id, layout);
    }
    return layout;
  }

  /** All of them, projects first, by title. */
  list(): Layout[] {
    this.find('');
    const isProject = ({ group }: Layout): number => Number(group === 'project');
    return [...(this.#ids ?? [])]
      .flatMap((id) => this.find(id) ?? [])
      .sort((a, b) => isProject(b) - isProject(a) || a.title.localeCompare(b.title, 'en'));
  }
}
