import { versionOf } from '../image-name.ts';
import type { Era, ImageFact } from '../images.ts';
import { isWithin } from '../container-path.ts';
import type { Mount, Service } from '../model.ts';
import { entry } from '../tree.ts';
import { coverOf, erasFor, placesOf } from '../where.ts';
import type { Cover, Place } from '../where.ts';
import type { Rules } from './context.ts';
import { keptElsewhere } from './elsewhere.ts';
import { checkKept } from './kept.ts';
import { copyOut, mendOf, placeFor } from './placing.ts';
import { checkTag } from './tag.ts';

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
    if (each.kept) checkKept(rules, service, fact, each.place, each.cover);
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
