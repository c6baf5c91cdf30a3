import { basename } from 'node:path';
import type { CannotTell } from './finding.ts';
import type { ImageName } from './image-name.ts';
import type { LoadedProject, Reader } from './load.ts';
import { ServiceReader } from './read-service.ts';
import type { List, Mapping, Node, Scalar, Spot } from './tree.ts';
import { asMap, entry, textOf } from './tree.ts';

export type MountKind = 'bind' | 'volume' | 'anonymous' | 'tmpfs' | 'other';

/** Something mounted into a service's containers. */
export interface Mount {
  readonly kind: MountKind;
  /** Path of the host or name of the volume, variables filled in. */
  readonly source?: string;
  /** Normalised: no slash at the end, no `.` or `..`. */
  readonly target: string;
  readonly readOnly: boolean;
  readonly spot: Spot;
  readonly node: Node;
  /** The list it stands in, and where; absent where it is inherited by `volumes_from`. */
  readonly list?: List;
  /** Absolute path on this host, of a bind mount or of a volume that is one (`driver_opts`); undefined when unknown. */
  readonly host?: string;
  /** The source is a path relative to the project's folder, as written. */
  readonly relative: boolean;
  /** Folder of the volume that is mounted instead of the whole. */
  readonly subpath?: string;
  /** The source is a path of Windows. */
  readonly windows: boolean;
  /** By `volumes_from`. */
  readonly inherited?: boolean;
}

/** A variable of a service's environment. */
export interface Variable {
  readonly name: string;
  /** Undefined when it is taken from the surroundings, which are not known here. */
  readonly value?: string;
  readonly spot: Spot;
  readonly node?: Scalar;
}

/** A named volume of the project. */
export interface Volume {
  readonly key: string;
  /** As Docker will know it. */
  readonly name?: string;
  readonly external: boolean;
  readonly named: boolean;
  readonly spot: Spot;
  readonly keySpot: Spot;
  readonly node: Node;
  readonly driver?: string;
  readonly options: ReadonlyMap<string, string>;
}

export interface Service {
  readonly name: string;
  readonly node: Mapping;
  readonly spot: Spot;
  readonly image?: ImageName;
  /** Where its image is named, else where the service begins. */
  readonly imageSpot: Spot;
  readonly imageNode?: Scalar;
  readonly built: boolean;
  readonly user?: string;
  /** Words of the command and the entrypoint; undefined when the image's own are used. */
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment: ReadonlyMap<string, Variable>;
  readonly mounts: readonly Mount[];
  /** A mount whose place in the container depends on a variable that is not set here. */
  readonly unknownMounts: readonly Node[];
  readonly profiles: readonly string[];
  readonly replicas: number;
}

export interface Project {
  readonly folder: string;
  readonly loaded: LoadedProject;
  /** The name it has, or would get from its folder. */
  readonly name: string;
  readonly named: boolean;
  readonly services: readonly Service[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly unknown: readonly CannotTell[];
}

/** The services of a project with what rules ask of them. `profiles`: only services without a profile or with one of these. */
export function resolveProject(loaded: LoadedProject, reader: Reader, profiles?: readonly string[]): Project {
  const unknown: CannotTell[] = [];
  const volumes = new Map<string, Volume>();
  for (const [key, { key: keySpot, value }] of loaded.volumes) volumes.set(key, volumeOf(key, keySpot, value));
  const services = new Map<string, Service>();
  for (const [name, { key, value }] of loaded.services) {
    if (value.kind !== 'map') continue;
    const service = new ServiceReader(name, key, value, volumes, reader, unknown).read();
    const enabled =
      profiles === undefined ||
      service.profiles.length === 0 ||
      service.profiles.some((each) => profiles.includes(each));
    if (enabled) services.set(name, service);
  }
  return {
    folder: loaded.folder,
    loaded,
    name: loaded.name ?? normalName(basename(loaded.folder)),
    named: loaded.name !== undefined,
    services: [...services.values()].map((service) => withInherited(service, services)),
    volumes,
    unknown,
  };
}

/** A project's name as Compose derives it from its folder's. */
export function normalName(folder: string): string {
  return folder
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

function volumeOf(key: string, keySpot: Spot, node: Node): Volume {
  const options = new Map<string, string>();
  for (const [name, { value }] of asMap(entry(node, 'driver_opts'))?.entries ?? []) {
    const text = textOf(value);
    if (text !== undefined) options.set(name, text);
  }
  const external = entry(node, 'external');
  // Before Compose 3.4: `external: {name: …}`.
  const name = textOf(entry(node, 'name')) ?? textOf(entry(external, 'name'));
  const driver = textOf(entry(node, 'driver'));
  return {
    key,
    external: external?.kind === 'map' || /^(?:true|yes|on|y)$/i.test(textOf(external) ?? ''),
    named: name !== undefined,
    spot: node.spot,
    keySpot,
    node,
    options,
    ...(name === undefined ? {} : { name }),
    ...(driver === undefined ? {} : { driver }),
  };
}

/** `volumes_from`: the mounts of another service, at the same places, its own ones first. */
function withInherited(service: Service, all: ReadonlyMap<string, Service>): Service {
  const from = entry(service.node, 'volumes_from');
  if (from?.kind !== 'list') return service;
  const mounts = [...service.mounts];
  for (const item of from.items) {
    const [name = '', mode] = (textOf(item) ?? '').replace(/^container:.*/, '').split(':');
    for (const mount of all.get(name)?.mounts ?? []) {
      if (mounts.some(({ target }) => target === mount.target)) continue;
      const { list: _list, ...rest } = mount;
      mounts.push({ ...rest, readOnly: mount.readOnly || mode === 'ro', inherited: true });
    }
  }
  return { ...service, mounts };
}
