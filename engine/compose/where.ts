import { versionOf } from './image-name.ts';
import { erasOf } from './images.ts';
import type { DataPath, Era, ImageFact } from './images.ts';
import { containerPath, isWithin } from './container-path.ts';
import { shellWords } from './shell-words.ts';
import type { Mount, Service } from './model.ts';
import type { Node, Spot } from './tree.ts';
import { entry } from './tree.ts';

/** What moved a data path away from where the image has it. */
export interface Move {
  /** The variable or the option of the command. */
  readonly by: string;
  readonly spot: Spot;
  /** The value whose text holds the path; absent where it stands in an env file. */
  readonly node?: Node;
}

/** One place of data of a service, with what the service says about it. */
export interface Place {
  readonly path: DataPath;
  /** Where to mount something. */
  readonly wanted: string;
  /** Where the data really goes. */
  readonly actual: string;
  readonly move?: Move;
  /** A variable moves it, to where cannot be told. */
  readonly unknown?: string;
}

/** What lies at a path of a container. */
export type Cover =
  | { readonly kind: 'mount'; readonly mount: Mount }
  /** The image declares a volume there: it gets an anonymous one. */
  | { readonly kind: 'declared'; readonly path: string }
  | { readonly kind: 'nothing' };

/** What is seen at `path`: the deepest of the mounts and of the volumes the image declares. */
export function coverOf(path: string, mounts: readonly Mount[], declared: readonly string[]): Cover {
  let found: Mount | undefined;
  for (const mount of mounts) {
    if (isWithin(mount.target, path) && (found === undefined || mount.target.length >= found.target.length))
      found = mount;
  }
  const own = declared.find(
    (volume) => isWithin(volume, path) && volume.length > (found?.target.length ?? -1) && found?.target !== volume,
  );
  if (own !== undefined) return { kind: 'declared', path: own };
  return found === undefined ? { kind: 'nothing' } : { kind: 'mount', mount: found };
}

/** The data paths of a service in one era of its image, moved as its environment and command say. */
export function placesOf(service: Service, { paths }: Era): Place[] {
  return paths.map((path) => placeOf(service, path));
}

function placeOf(service: Service, path: DataPath): Place {
  const usual = { path, wanted: path.path, actual: path.inside ?? path.path };
  const command = fromCommand(service, path);
  if (command !== undefined) return { ...usual, ...command };
  for (const name of path.variables ?? []) {
    const variable = service.environment.get(name);
    if (variable === undefined || variable.value === '') continue;
    const { value, spot, node } = variable;
    if (value === undefined) return { ...usual, unknown: name };
    // A path relative to the image's working folder says nothing that could be held against a mount.
    if (!value.startsWith('/')) return { ...usual, unknown: name };
    const moved = containerPath(value);
    if (isWithin(path.path, moved))
      return { ...usual, actual: moved, move: { by: name, spot, ...(node === undefined ? {} : { node }) } };
    return { path, wanted: moved, actual: moved, move: { by: name, spot, ...(node === undefined ? {} : { node }) } };
  }
  return usual;
}

interface Word {
  readonly text: string;
  /** The value of the file it stands in. */
  readonly node: Node | undefined;
}

/** Every word a service is started with; what a shell is given with `-c` is taken apart, too. */
function wordsOf(service: Service): Word[] {
  const words: Word[] = [];
  let shell = false;
  for (const [key, texts] of [
    ['entrypoint', service.entrypoint],
    ['command', service.command],
  ] as const) {
    const node = entry(service.node, key);
    for (const [index, text] of (texts ?? []).entries()) {
      const item = node?.kind === 'list' ? node.items[index] : node;
      shell ||= /(?:^|\/)(?:ba|da|a|z)?sh$/.test(text);
      const script = shell && words.at(-1)?.text === '-c';
      words.push(...(script ? shellWords(text) : [text]).map((each) => ({ text: each, node: item })));
    }
  }
  return words;
}

/** A place given on the command line: `--flag=/path`, `--flag /path`, for MinIO the path after `server`. */
function fromCommand(service: Service, path: DataPath): Omit<Place, 'path'> | undefined {
  const words = wordsOf(service);
  for (const flag of path.flags ?? []) {
    const at = words.findIndex(({ text }) => text === flag || text.startsWith(`${flag}=`));
    const word = words[at];
    if (word === undefined) continue;
    const inline = word.text !== flag;
    const found = inline
      ? word
      : words.slice(at + 1).find(({ text }) => (flag.startsWith('-') ? true : text.startsWith('/')));
    if (found === undefined) continue;
    const value = inline ? word.text.slice(flag.length + 1) : found.text;
    if (!value.startsWith('/')) return undefined;
    // MinIO takes several drives as /data{1...4}; the first stands for all.
    const moved = containerPath(value.replace(/\{(\d+)\.{3}\d+\}/, '$1'));
    if (moved === path.path) return { wanted: moved, actual: moved };
    const { node } = found;
    return {
      wanted: isWithin(path.path, moved) ? path.path : moved,
      actual: moved,
      move: { by: flag, spot: node?.spot ?? service.imageSpot, ...(node === undefined ? {} : { node }) },
    };
  }
  return undefined;
}

/** The eras a service's image may be of. */
export function erasFor(service: Service, fact: ImageFact): readonly Era[] {
  const version = service.image === undefined ? undefined : versionOf(service.image);
  return erasOf(fact, version?.kind === 'major' ? version.major : undefined);
}
