import { versionOf } from '../image-name.ts';
import type { Era, ImageFact } from '../images.ts';
import { isWithin } from '../model.ts';
import type { Mount, Service } from '../model.ts';
import { isSaid, entry } from '../tree.ts';
import { coverOf, erasFor, placesOf } from '../where.ts';
import type { Cover, Place } from '../where.ts';
import type { Rules } from './context.ts';
import { copyOut, mendOf, placeFor } from './placing.ts';

interface Judged {
  readonly place: Place;
  readonly cover: Cover;
  readonly kept: boolean;
}

/** Findings 1 to 4: does what a known image keeps lie on something that stays? */
export function checkDataPaths(rules: Rules, service: Service, fact: ImageFact): void {
  const eras = erasFor(service, fact);
  const judged = eras.map((era) => ({ era, places: judge(service, era) }));
  // Of a version that is not known, the one that fits what is mounted is supposed.
  const fitting = judged.find(({ places }) => places.every(({ kept, place }) => kept || place.path.minor === true));
  const meant = fitting ?? judged.at(-1);
  if (meant === undefined) return;
  if (eras.length > 1) checkTag(rules, service, fact, meant.era, fitting !== undefined);
  for (const each of meant.places) {
    if (each.place.unknown !== undefined) tellUnknown(rules, service, fact, each.place);
    if (each.kept) checkKept(rules, service, fact, each);
    else checkLost(rules, service, fact, meant.era, each);
  }
}

function judge(service: Service, era: Era): Judged[] {
  return placesOf(service, era).map((place) => {
    const cover = coverOf(place.actual, service.mounts, era.volumes);
    const partly = place.path.partly === true && service.mounts.some((mount) => isWithin(place.wanted, mount.target));
    // `path.data` of two places, `/bitnami/app/data` and the like: below the wanted path is enough when the data is there.
    return { place, cover, kept: cover.kind === 'mount' || partly };
  });
}

function tellUnknown(rules: Rules, service: Service, fact: ImageFact, place: Place): void {
  const name = place.unknown ?? '';
  rules.report.cannotTell({
    spot: service.environment.get(name)?.spot ?? service.imageSpot,
    service: service.name,
    subject: name,
    message: `Where ${fact.title} keeps ${place.path.what} depends on ${name}, whose value is not known here.`,
    why: 'The usual place was taken for it.',
  });
}

/** Finding 6: a moving tag on an image that has moved its data once, and may find it no more after a pull. */
function checkTag(rules: Rules, service: Service, fact: ImageFact, era: Era, fits: boolean): void {
  const { image, imageNode } = service;
  if (image === undefined) return;
  const version = versionOf(image);
  if (version.kind === 'unknown') {
    if (!fits) return;
    rules.report.cannotTell({
      spot: service.imageSpot,
      service: service.name,
      subject: image.text,
      message: `Which version of ${fact.title} this is cannot be told from its tag.`,
      why: 'Its data path depends on the version; the mount fits one of them.',
    });
    return;
  }
  if (version.kind !== 'floating') return;
  const wanted = pinned(image.repository, image.tag, era);
  const edit =
    imageNode === undefined || wanted === undefined
      ? undefined
      : rules.editor.replaceAll(imageNode, bare(image.text) + wanted);
  rules.report.finding({
    rule: 'floating-tag',
    severity: 'warning',
    spot: service.imageSpot,
    service: service.name,
    subject: image.text,
    message: `${image.tag === undefined ? 'No tag' : `The tag ${image.tag}`} on ${fact.title}, whose data path has changed between versions.`,
    why:
      newest(fact, era) ??
      `The next pull may bring a version that keeps ${era.paths[0]?.what ?? 'its data'} elsewhere, or cannot read what the old one wrote.`,
    ...(edit === undefined
      ? {}
      : {
          mend: {
            title: `Pin the version: ${wanted?.slice(1) ?? ''}`,
            edits: [edit],
            safe: false,
            note: 'Take the version the data was written with.',
          },
        }),
  });
}

/** What the newest version, which a moving tag stands for by now, does with a mount of an older one. */
function newest({ eras, title }: ImageFact, era: Era): string | undefined {
  const last = eras.at(-1);
  const path = last?.paths[0];
  if (last === era || path === undefined) return undefined;
  return `The newest ${title} keeps ${path.what} in ${path.path}, so after the next pull nothing of what it writes goes to this mount.`;
}

function bare(text: string): string {
  const slash = text.lastIndexOf('/');
  const colon = text.indexOf(':', slash + 1);
  return colon === -1 ? text : text.slice(0, colon);
}

function pinned(repository: string, tag: string | undefined, { pin }: Era): string | undefined {
  if (pin === undefined || repository === 'postgis/postgis') return undefined;
  const version = repository.startsWith('pgvector/') ? `pg${pin}` : pin;
  const variant = /(alpine|bookworm|bullseye|trixie)/.exec(tag ?? '')?.[1];
  return `:${version}${variant === undefined ? '' : `-${variant}`}`;
}

/** Something is mounted: is it something that stays? */
function checkKept(rules: Rules, service: Service, fact: ImageFact, { place, cover }: Judged): void {
  if (cover.kind !== 'mount') return;
  const { mount } = cover;
  if (mount.kind === 'tmpfs') {
    rules.report.finding({
      rule: 'data-on-tmpfs',
      severity: 'error',
      spot: mount.spot,
      service: service.name,
      subject: place.wanted,
      message: `${fact.title} keeps ${place.path.what} in ${place.actual}, which is mounted in memory (tmpfs).`,
      why: 'It is gone whenever the container stops.',
      ...tmpfsMend(rules, service, place, mount),
    });
  } else if (mount.kind === 'anonymous')
    anonymous(rules, service, mount, `${fact.title} keeps ${place.path.what} in it.`);
}

function tmpfsMend(rules: Rules, service: Service, place: Place, mount: Mount) {
  const where = placeFor(rules, service, place.wanted);
  if (mount.node.kind === 'map') {
    const type = entry(mount.node, 'type');
    if (!isSaid(type) || mount.node.entries.has('tmpfs') || where.volume === undefined) return {};
    const edits = [
      rules.editor.replaceAll(type, 'volume'),
      rules.editor.addKey(mount.node, [`source: ${where.volume}`], `source: ${where.volume}`),
    ];
    return mendOf(`Keep it in the volume ${where.volume}`, [...edits, where.declare]);
  }
  const own = rules.project.loaded.own.get(service.name)?.find((map) => map.entries.has('tmpfs'));
  if (own === undefined) return {};
  const removal =
    mount.list === undefined || mount.list.items.length < 2
      ? rules.editor.removeKey(own, 'tmpfs')
      : rules.editor.removeItem(mount.list, mount.node);
  const added = rules.editor.addMount(service.name, where.text);
  // A new `volumes:` after a removed last key would be one edit inside another.
  if (
    removal !== undefined &&
    added !== undefined &&
    removal.file === added.file &&
    added.start >= removal.start &&
    added.start <= removal.end
  ) {
    return mendOf(where.title, [{ ...removal, text: added.text }, ...where.edits]);
  }
  return mendOf(where.title, [removal, added, ...where.edits]);
}

/** Finding 5: an anonymous volume. */
export function anonymous(rules: Rules, service: Service, mount: Mount, holds: string): void {
  const where = placeFor(rules, service, mount.target);
  const { node } = mount;
  const edits =
    node.kind === 'map'
      ? where.volume === undefined
        ? [undefined]
        : [rules.editor.addKey(node, [`source: ${where.volume}`], `source: ${where.volume}`), where.declare]
      : [rules.editor.replaceAll(node, where.text), ...where.edits];
  rules.report.finding({
    rule: 'anonymous-volume',
    severity: 'warning',
    spot: mount.spot,
    service: service.name,
    subject: mount.target,
    message: `${mount.target} is an anonymous volume. ${holds}`.trim(),
    why: 'It has no name to be found by: after `down`, the next `up` starts with a new, empty one, and `down -v` removes it.',
    ...(mount.inherited === true ? {} : mendOf(where.title, edits)),
  });
}

function checkLost(rules: Rules, service: Service, fact: ImageFact, era: Era, { place, cover }: Judged): void {
  if (service.unknownMounts.length > 0) return;
  if (place.path.minor === true) {
    minor(rules, service, fact, place, cover);
    return;
  }
  if (otherPath(rules, service, fact, era, place, cover)) return;
  if (place.move !== undefined && !isWithin(place.path.path, place.actual)) {
    moved(rules, service, fact, place);
    return;
  }
  if (keptElsewhere(rules, service, fact, place)) return;
  const where = placeFor(rules, service, place.wanted);
  const added = rules.editor.addMount(service.name, where.text);
  const declared = cover.kind === 'declared';
  rules.report.finding({
    rule: 'data-not-mounted',
    severity: 'error',
    spot: place.move?.spot ?? service.imageSpot,
    service: service.name,
    subject: place.wanted,
    message: `${fact.title} keeps ${place.path.what} in ${place.wanted}, and nothing is mounted there.`,
    why: declared
      ? 'It goes to an anonymous volume: after `down`, the next `up` starts with a new, empty one.'
      : 'It is written into the container and is gone with it: `down`, an update, or any change of the service.',
    ...mendOf(where.title, [added, ...where.edits], { note: copyOut }),
  });
}

function minor(rules: Rules, service: Service, fact: ImageFact, place: Place, cover: Cover): void {
  // Where nothing of the service is kept, that is said once.
  const where = placeFor(rules, service, place.wanted, place.wanted.split('/').at(-1));
  const declared = cover.kind === 'declared';
  const server = place.wanted === '/data/configdb' && service.command?.includes('--configsvr') === true;
  rules.report.finding({
    rule: declared && !server ? 'anonymous-volume' : 'data-not-mounted',
    severity: server ? 'error' : 'warning',
    spot: place.move?.spot ?? service.imageSpot,
    service: service.name,
    subject: place.wanted,
    message: `${fact.title} keeps ${place.path.what} in ${place.wanted}, and nothing is mounted there.`,
    why: declared
      ? 'The image declares a volume there, so every new container leaves an anonymous one behind.'
      : 'What is written there is gone with the container.',
    ...mendOf(where.title, [rules.editor.addMount(service.name, where.text), ...where.edits]),
  });
}

/** Finding 2: the mount is where another version of the image has its data. */
function otherPath(rules: Rules, service: Service, fact: ImageFact, era: Era, place: Place, cover: Cover): boolean {
  if (place.move !== undefined) return false;
  const others = fact.eras.filter((each) => each !== era).flatMap(({ paths }) => paths);
  const near = service.mounts.find(
    ({ target, kind }) =>
      kind !== 'tmpfs' &&
      target !== '/' &&
      (others.some(({ path }) => isWithin(target, path) || isWithin(path, target)) ||
        // A folder above a volume the image declares: the anonymous volume hides it.
        (cover.kind === 'declared' && isWithin(target, cover.path))),
  );
  if (near === undefined || near.target === place.wanted) return false;
  const version = service.image === undefined ? undefined : versionOf(service.image);
  const major = version?.kind === 'major' ? ` ${version.major}` : '';
  const edit = near.inherited === true ? undefined : rules.editor.replace(targetNode(near), near.target, place.wanted);
  rules.report.finding({
    rule: 'path-for-other-version',
    severity: 'error',
    spot: near.spot,
    service: service.name,
    subject: near.target,
    message: `${fact.title}${major} keeps ${place.path.what} in ${place.wanted}, but the mount is at ${near.target}.`,
    why:
      cover.kind === 'declared'
        ? `The image declares a volume at ${cover.path}, so the data goes to an anonymous one and not to what is mounted.`
        : 'The data is written into the container and is gone with it.',
    ...(edit === undefined
      ? {}
      : {
          mend: {
            title: `Mount it at ${place.wanted}`,
            edits: [edit],
            safe: true,
            note: 'Data written by an older version has to be upgraded, or the older tag be kept.',
          },
        }),
  });
  return true;
}

function targetNode(mount: Mount) {
  return entry(mount.node, 'target') ?? mount.node;
}

/** Images whose configuration file says where the data lies. */
const configured = new Set(
  'redis valkey loki mongo mysql mariadb etcd neo4j elasticsearch opensearch qdrant milvus chroma'.split(' '),
);

/** Set-ups that keep their data elsewhere by their own configuration. Says so where it cannot be told. */
function keptElsewhere(rules: Rules, service: Service, fact: ImageFact, place: Place): boolean {
  const words = service.command ?? [];
  const value = (name: string): string => service.environment.get(name)?.value ?? '';
  const cannot = (message: string, why: string): true => {
    rules.report.cannotTell({ spot: service.imageSpot, service: service.name, subject: place.wanted, message, why });
    return true;
  };
  if (fact.id === 'redis' || fact.id === 'valkey') {
    const at = words.indexOf('--save');
    const noSave = (at !== -1 && (words[at + 1] ?? '') === '') || words.includes('--save=');
    const appends = words.some((word, index) => word === '--appendonly' && words[index + 1] === 'yes');
    if (noSave && !appends) {
      return cannot(
        `${fact.title} is told to keep nothing (--save ""), so nothing is mounted.`,
        'Whether that is meant, only you can tell.',
      );
    }
  }
  const database = value('GF_DATABASE_TYPE');
  if (
    fact.id === 'grafana' &&
    (/^(?:postgres|mysql)$/.test(database) || /^(?:postgres|mysql):/.test(value('GF_DATABASE_URL')))
  ) {
    return cannot(
      'Grafana keeps its dashboards in another database.',
      'Plugins and pictures it keeps in /var/lib/grafana, which is not mounted.',
    );
  }
  const config = service.mounts.some(
    ({ target, kind }) => kind === 'bind' && /\.(?:conf|cnf|ya?ml)$/.test(target) && !isWithin(target, place.wanted),
  );
  const holds = service.mounts.some(
    ({ kind, readOnly, target }) => kind !== 'tmpfs' && !readOnly && !/\.\w{1,5}$/.test(target),
  );
  if (config && configured.has(fact.id) && (fact.id === 'loki' || holds)) {
    return cannot(
      `${fact.title} has a configuration of its own, which may keep ${place.path.what} elsewhere.`,
      `Its usual place, ${place.wanted}, is not mounted.`,
    );
  }
  return false;
}

/** Finding 3 for known images: a variable or option moves the data off what is mounted. */
function moved(rules: Rules, service: Service, fact: ImageFact, place: Place): void {
  const { move, path } = place;
  if (move === undefined) return;
  const usual = service.mounts.find(
    ({ target, kind }) => isWithin(target, path.inside ?? path.path) && kind !== 'tmpfs',
  );
  const back =
    usual === undefined || move.node === undefined
      ? undefined
      : rules.editor.replace(
          move.node,
          place.actual,
          usual.target === '/' ? path.path : isWithin(path.path, usual.target) ? usual.target : path.path,
        );
  const where = placeFor(rules, service, place.wanted);
  const mend =
    back === undefined
      ? mendOf(where.title, [rules.editor.addMount(service.name, where.text), ...where.edits], { note: copyOut })
      : { mend: { title: `Keep it in ${path.path}`, edits: [back], safe: true, note: copyOut } };
  rules.report.finding({
    rule: 'data-moved-off-mount',
    severity: 'error',
    spot: move.spot,
    service: service.name,
    subject: move.by,
    message: `${move.by} makes ${fact.title} keep ${path.what} in ${place.actual}, which is not mounted.`,
    why: 'It is written into the container and is gone with it: `down`, an update, or any change of the service.',
    ...mend,
  });
}
