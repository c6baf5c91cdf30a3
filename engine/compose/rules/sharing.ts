import { join } from 'node:path';
import { knownImage } from '../images.ts';
import type { ImageFact } from '../images.ts';
import { isWithin } from '../container-path.ts';
import type { Mount, Service } from '../model.ts';
import { coverOf, erasFor, placesOf } from '../where.ts';
import type { Rules } from './context.ts';
import { mendOf } from './placing.ts';

interface Writer {
  readonly service: Service;
  readonly fact: ImageFact;
  readonly mount: Mount;
  /** The folder written to: path of the host, or volume and path in it. */
  readonly folder: string;
}

/** Finding 4: two containers write to one folder of data that belongs to one of them. */
export function checkSharing(rules: Rules): void {
  const writers = rules.project.services.flatMap((service) => writersOf(rules, service));
  for (const [index, writer] of writers.entries()) {
    const other = writers
      .slice(0, index)
      .find(
        ({ service, folder }) =>
          meet(folder, writer.folder) && service !== writer.service && together(service, writer.service),
      );
    if (other !== undefined) shared(rules, writer, other);
    else if (writer.service.replicas > 1) replicated(rules, writer);
  }
}

function writersOf({ facts }: Rules, service: Service): Writer[] {
  if (service.image === undefined) return [];
  const known = knownImage(service.image);
  if (known.kind !== 'fact' || known.fact.exclusive !== true) return [];
  const { fact } = known;
  const era = erasFor(service, fact).at(-1);
  if (era === undefined) return [];
  for (const { path, actual } of placesOf(service, era)) {
    if (path.minor === true) continue;
    const cover = coverOf(actual, service.mounts, []);
    if (cover.kind !== 'mount' || cover.mount.readOnly) continue;
    const { mount } = cover;
    const below = actual.slice(mount.target.length);
    if (mount.host !== undefined) return [{ service, fact, mount, folder: join(facts.real(mount.host), below) }];
    if (mount.kind === 'volume' && mount.source !== undefined)
      return [{ service, fact, mount, folder: join('/', mount.source, mount.subpath ?? '', below) }];
  }
  return [];
}

function meet(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** Whether two services can run at the same time: those of different profiles are meant as alternatives. */
function together(a: Service, b: Service): boolean {
  return (
    a.profiles.length === 0 || b.profiles.length === 0 || a.profiles.some((profile) => b.profiles.includes(profile))
  );
}

const why = 'Each takes the folder for its own; writing to it at the same time damages the data.';

function shared(rules: Rules, { service, fact, mount }: Writer, other: Writer): void {
  const { project, editor } = rules;
  const source = mount.source ?? '';
  const name = `${source}_${service.name}`.replace(/[^A-Za-z0-9_.\/~-]/g, '_');
  const node = mount.node.kind === 'map' ? mount.node.entries.get('source')?.value : mount.node;
  const edit = node === undefined ? undefined : editor.replace(node, source, name, 'first');
  const declare = mount.kind === 'volume' ? [editor.addVolume(name, project.loaded.files[0] ?? '')] : [];
  rules.report.finding({
    rule: 'shared-data-path',
    severity: 'error',
    spot: mount.spot,
    service: service.name,
    subject: source,
    message: `${service.name} and ${other.service.name} both keep their data in ${source}.`,
    why,
    ...(fact.id === other.fact.id || mount.kind === 'volume' || mount.kind === 'bind'
      ? mendOf(`Give ${service.name} one of its own: ${name}`, [edit, ...declare], {
          safe: false,
          note: `${service.name} then starts empty.`,
        })
      : {}),
  });
}

function replicated(rules: Rules, { service, mount }: Writer): void {
  rules.report.finding({
    rule: 'shared-data-path',
    severity: 'error',
    spot: mount.spot,
    service: service.name,
    subject: mount.source ?? mount.target,
    message: `${service.replicas} containers of ${service.name} keep their data in one place, ${mount.source ?? mount.target}.`,
    why,
  });
}
