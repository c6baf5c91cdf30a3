import { isLarderError } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { containerPath } from './container-path.ts';
import { parseEnv } from './dotenv.ts';
import type { CannotTell } from './finding.ts';
import { parseImage } from './image-name.ts';
import { unknownMark } from './interpolate.ts';
import { hostPath } from './load.ts';
import type { Reader } from './load.ts';
import { named } from './merge.ts';
import type { Mount, MountKind, Service, Variable, Volume } from './model.ts';
import { shellWords } from './shell-words.ts';
import type { List, Mapping, Node, Spot } from './tree.ts';
import { entry, isSaid, textOf, valueOf } from './tree.ts';
import { isHostPath, isWindowsPath, splitVolume } from './volume-text.ts';

/** Makes a service of its merged mapping; what cannot be known of it goes to `unknown`. */
export class ServiceReader {
  private readonly name: string;
  private readonly key: Spot;
  private readonly node: Mapping;
  private readonly volumes: ReadonlyMap<string, Volume>;
  private readonly reader: Reader;
  private readonly unknown: CannotTell[];
  private readonly unknownMounts: Node[] = [];

  constructor(
    name: string,
    key: Spot,
    node: Mapping,
    volumes: ReadonlyMap<string, Volume>,
    reader: Reader,
    unknown: CannotTell[],
  ) {
    this.name = name;
    this.key = key;
    this.node = node;
    this.volumes = volumes;
    this.reader = reader;
    this.unknown = unknown;
  }

  read(): Service {
    const { node } = this;
    const imageNode = entry(node, 'image');
    const imageText = this.known(imageNode, 'image');
    const image = imageText === undefined ? undefined : parseImage(imageText);
    const user = textOf(entry(node, 'user'));
    const command = this.words('command');
    const entrypoint = this.words('entrypoint');
    const profiles = entry(node, 'profiles');
    const replicas = textOf(entry(entry(node, 'deploy'), 'replicas')) ?? textOf(entry(node, 'scale'));
    return {
      name: this.name,
      node,
      spot: this.key,
      imageSpot: imageNode?.spot ?? this.key,
      built: isSaid(entry(node, 'build')),
      environment: this.environment(),
      mounts: this.mounts(),
      unknownMounts: this.unknownMounts,
      profiles: (profiles?.kind === 'list' ? profiles.items : []).map((each) => textOf(each) ?? ''),
      replicas: /^\d+$/.test(replicas ?? '') ? Number(replicas) : 1,
      ...(image === undefined ? {} : { image }),
      ...(imageNode?.kind === 'scalar' ? { imageNode } : {}),
      ...(user === undefined || user.includes(unknownMark) ? {} : { user }),
      ...(command === undefined ? {} : { command }),
      ...(entrypoint === undefined ? {} : { entrypoint }),
    };
  }

  /** A value, after saying what of it cannot be known. */
  private known(node: Node | undefined, what: string): string | undefined {
    if (node?.kind !== 'scalar' || node.empty) return undefined;
    const { text, unset, problem } = valueOf(node);
    if (problem !== undefined) {
      this.cannotTell(node.spot, what, `The ${what} cannot be read: ${problem}`, 'Docker Compose refuses it, too.');
      return undefined;
    } else if (unset.length > 0) {
      const names = [...new Set(unset)].join(', ');
      this.cannotTell(
        node.spot,
        names,
        `The ${what} depends on ${names}, which is set neither in .env nor here.`,
        'Without its value it cannot be told what is mounted or started. --env-file names another file.',
      );
    }
    return text;
  }

  private cannotTell(spot: Spot, subject: string, message: string, why: string): void {
    this.unknown.push({ spot, service: this.name, subject, message, why });
  }

  /** `command` or `entrypoint` as words, from either shape. */
  private words(key: 'command' | 'entrypoint'): readonly string[] | undefined {
    const node = entry(this.node, key);
    if (!isSaid(node)) return undefined;
    if (node.kind === 'list') return node.items.map((item) => textOf(item) ?? '');
    return node.kind === 'scalar' ? shellWords(valueOf(node).text) : undefined;
  }

  private environment(): ReadonlyMap<string, Variable> {
    const variables = new Map<string, Variable>();
    for (const each of this.envFiles()) variables.set(each.name, each);
    const node = entry(this.node, 'environment');
    if (!isSaid(node)) return variables;
    for (const [name, { key, value }] of named(node)) {
      if (value.kind !== 'scalar') continue;
      // A name alone takes its value from where Compose runs, `.env` included.
      const text = value.empty ? value.scope.variables.get(name) : valueOf(value).text;
      const spot = node.kind === 'map' ? key : value.spot;
      const told = text === undefined || text.includes(unknownMark) ? {} : { value: text };
      variables.set(name, { name, spot, node: value, ...told });
    }
    return variables;
  }

  private envFiles(): Variable[] {
    const node = entry(this.node, 'env_file');
    if (!isSaid(node)) return [];
    const found: Variable[] = [];
    for (const item of node.kind === 'list' ? node.items : [node]) {
      const path = textOf(item.kind === 'map' ? entry(item, 'path') : item);
      const file = path === undefined ? undefined : hostPath(path, item.scope);
      if (file === undefined) continue;
      try {
        for (const { name, value, line, column } of parseEnv(this.reader.read(file), item.scope.variables)) {
          found.push({ name, value, spot: { file, line, column, start: 0, end: 0 } });
        }
      } catch (error) {
        if (!isLarderError(error)) throw error;
        if (/^(?:false|no)$/i.test(textOf(entry(item, 'required')) ?? '')) continue;
        const message = `The variables of ${displayName(path ?? file)} cannot be seen: ${error.message}`;
        this.cannotTell(item.spot, file, message, 'Docker Compose refuses to start without it, and it may move data.');
      }
    }
    return found;
  }

  private mounts(): readonly Mount[] {
    const mounts: Mount[] = [];
    const volumes = entry(this.node, 'volumes');
    if (volumes?.kind === 'list') {
      for (const item of volumes.items) {
        const mount = item.kind === 'map' ? this.longMount(item, volumes) : this.shortMount(item, volumes);
        if (mount !== undefined) mounts.push(mount);
      }
    }
    const tmpfs = entry(this.node, 'tmpfs');
    if (!isSaid(tmpfs)) return mounts;
    for (const item of tmpfs.kind === 'list' ? tmpfs.items : [tmpfs]) {
      const [target = ''] = (textOf(item) ?? '').split(':');
      if (target === '' || target.includes(unknownMark)) continue;
      const place = { node: item, spot: item.spot, ...(tmpfs.kind === 'list' ? { list: tmpfs } : {}) };
      const plain = { readOnly: false, relative: false, windows: false };
      mounts.push({ kind: 'tmpfs', target: containerPath(target), ...plain, ...place });
    }
    return mounts;
  }

  private shortMount(node: Node, list: List): Mount | undefined {
    const text = this.known(node, 'volume');
    if (text === undefined) return undefined;
    const { source, target, options } = splitVolume(text);
    if (target === '' || target.includes(unknownMark)) {
      this.unknownMounts.push(node);
      return undefined;
    }
    const readOnly = options.includes('ro');
    if (source === undefined || source === '') {
      // `${DATA}` alone is nothing before it has a value.
      return this.mount('anonymous', undefined, target, readOnly, node, list);
    }
    return this.mount(isBind(source) ? 'bind' : 'volume', source, target, readOnly, node, list);
  }

  private longMount(node: Mapping, list: List): Mount | undefined {
    const target = this.known(entry(node, 'target') ?? entry(node, 'destination'), 'volume');
    const source = this.known(entry(node, 'source') ?? entry(node, 'src'), 'volume');
    if (target === undefined || target.includes(unknownMark)) {
      this.unknownMounts.push(node);
      return undefined;
    }
    const readOnly = /^(?:true|yes|on)$/i.test(textOf(entry(node, 'read_only')) ?? '');
    const type = textOf(entry(node, 'type'));
    if (type === 'tmpfs') return this.mount('tmpfs', undefined, target, readOnly, node, list);
    if (type === 'bind') return this.mount('bind', source, target, readOnly, node, list);
    if (type === 'npipe' || type === 'cluster' || type === 'image') {
      return this.mount('other', source, target, readOnly, node, list);
    }
    return this.mount(source === undefined ? 'anonymous' : 'volume', source, target, readOnly, node, list);
  }

  private mount(
    kind: MountKind,
    source: string | undefined,
    target: string,
    readOnly: boolean,
    node: Node,
    list: List,
  ): Mount {
    const host = source === undefined ? undefined : this.host(kind, source, node);
    const subpath = textOf(entry(entry(node, 'volume'), 'subpath'));
    return {
      kind,
      target: containerPath(target),
      readOnly,
      spot: node.spot,
      node,
      list,
      relative: kind === 'bind' && source !== undefined && !/^[/~]|^[A-Za-z]:|^\\\\|^\0/.test(source),
      windows: kind === 'bind' && source !== undefined && isWindowsPath(source),
      ...(source === undefined ? {} : { source }),
      ...(host === undefined ? {} : { host }),
      ...(subpath === undefined ? {} : { subpath }),
    };
  }

  private host(kind: MountKind, source: string, node: Node): string | undefined {
    if (kind === 'bind') return hostPath(source, node.scope);
    // A volume of the local driver may be a bind mount in disguise.
    const volume = this.volumes.get(source);
    const device = volume?.options.get('device');
    const bound = /(?:^|,)(?:r?bind)(?:,|$)/.test(volume?.options.get('o') ?? '');
    return volume === undefined || device === undefined || !bound ? undefined : hostPath(device, volume.node.scope);
  }
}

/** Unknown beginnings are taken for paths: a volume's name is hardly ever given by a variable. */
function isBind(source: string): boolean {
  return isHostPath(source) || source.startsWith(unknownMark) || (source.includes('/') && source.includes(unknownMark));
}
