import type { ImageFact } from '../images.ts';
import type { Mount, Service } from '../model.ts';
import { entry, isSaid } from '../tree.ts';
import type { Cover, Place } from '../where.ts';
import type { Rules } from './context.ts';
import { mendOf, placeFor } from './placing.ts';

/** Something is mounted: is it something that stays? */
export function checkKept(rules: Rules, service: Service, fact: ImageFact, place: Place, cover: Cover): void {
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
