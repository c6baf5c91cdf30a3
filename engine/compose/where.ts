import { versionOf } from './image-name.ts';
import { erasOf } from './images.ts';
import type { DataPath, Era, ImageFact } from './images.ts';
import { containerPath, isWithin } from './model.ts';
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

/** A place given on the command line: `--flag=/path`, `--flag /path`, for MinIO the word after `server`. */
function fromCommand(service: Service, path: DataPath): Omit<Place, 'path'> | undefined {
  const words = [...(service.entrypoint ?? []), ...(service.command ?? [])];
  const node = entry(service.node, 'command');
  for (const flag of path.flags ?? []) {
    const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
    if (at === -1) continue;
    const word = words[at] ?? '';
    const value =
      word === flag ? words.slice(at + 1).find((each) => !each.startsWith('-')) : word.slice(flag.length + 1);
    if (value === undefined) continue;
    const item =
      node?.kind === 'list' ? node.items[at - (service.entrypoint?.length ?? 0) + (word === flag ? 1 : 0)] : node;
    const spot = item?.spot ?? service.commandSpot ?? service.imageSpot;
    // MinIO takes several drives as /data{1...4}.
    const moved = containerPath(value.replace(/\{.*$/, '').replace(/(?<=.)\/+$/, ''));
    if (!moved.startsWith('/')) return undefined;
    if (moved === path.path) return { wanted: moved, actual: moved };
    const within = isWithin(path.path, moved);
    return {
      wanted: within ? path.path : moved,
      actual: moved,
      move: { by: flag, spot, ...(item === undefined ? {} : { node: item }) },
    };
  }
  return undefined;
}

/** The eras a service's image may be of. */
export function erasFor(service: Service, fact: ImageFact): readonly Era[] {
  const version = service.image === undefined ? undefined : versionOf(service.image);
  return erasOf(fact, version?.kind === 'major' ? version.major : undefined);
}
