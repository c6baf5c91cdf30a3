import type { Edit } from '../edit.ts';
import { knownImage } from '../images.ts';
import type { Mount, Service, Volume } from '../model.ts';
import { isWithin } from '../container-path.ts';
import { coverOf, erasFor, placesOf } from '../where.ts';
import type { Rules } from './context.ts';
import { mendOf } from './placing.ts';

/** Whether a mount holds what a known image keeps. */
export function holdsData(service: Service, mount: Mount): boolean {
  if (service.image === undefined) return false;
  const known = knownImage(service.image);
  if (known.kind !== 'fact') return false;
  return erasFor(service, known.fact).some((era) =>
    placesOf(service, era).some(({ path, wanted, actual }) => {
      if (path.partly === true && isWithin(wanted, mount.target)) return true;
      const cover = coverOf(actual, service.mounts, era.volumes);
      return cover.kind === 'mount' && cover.mount === mount;
    }),
  );
}

interface Important {
  readonly volume: Volume;
  readonly service: Service;
  readonly mount: Mount;
}

/** Finding 7: named volumes with data that a careless command removes, or a renamed folder loses sight of. */
export function checkVolumes(rules: Rules): void {
  const { project } = rules;
  const important = new Map<string, Important>();
  let removable = false;
  for (const service of project.services) {
    for (const mount of service.mounts) {
      if (mount.kind === 'anonymous') removable = true;
      if (mount.kind !== 'volume' || mount.source === undefined || mount.inherited === true) continue;
      const volume = project.volumes.get(mount.source);
      if (volume === undefined) undeclared(rules, service, mount, mount.source);
      else if (!volume.external && volume.options.get('device') === undefined) {
        removable = true;
        if (holdsData(service, mount) && !important.has(mount.source))
          important.set(mount.source, { volume, service, mount });
      }
    }
  }
  for (const each of important.values()) notExternal(rules, each);
  const unnamed = [...important.values()].filter(({ volume }) => !volume.named);
  if (!project.named && unnamed.length > 0) nameless(rules, unnamed);
  if (removable) checkScripts(rules);
}

function undeclared(rules: Rules, service: Service, mount: Mount, name: string): void {
  if (name.includes('\u0000') || name.includes('/')) return;
  rules.report.finding({
    rule: 'undefined-volume',
    severity: 'error',
    spot: mount.spot,
    service: service.name,
    subject: name,
    message: `The volume ${name} is not declared under \`volumes\`.`,
    why: 'Docker Compose refuses to start. A path needs `./` in front.',
    ...mendOf(`Declare the volume ${name}`, [rules.editor.addVolume(name, mount.spot.file)]),
  });
}

function notExternal(rules: Rules, { volume, service }: Important): void {
  const { project } = rules;
  const name = volume.name ?? `${project.name}_${volume.key}`;
  const lines = ['external: true', ...(volume.named ? [] : [`name: ${name}`])];
  const edit = externalEdit(rules, volume, lines);
  rules.report.finding({
    rule: 'volume-not-external',
    severity: 'warning',
    spot: volume.keySpot,
    service: service.name,
    subject: volume.key,
    message: `The volume ${volume.key} holds data of ${service.name} and is not \`external\`.`,
    why: '`docker compose down -v` removes it, with all that is in it.',
    ...mendOf('Make it external', [edit], {
      safe: false,
      note: `It has to be there before the next start: docker volume create ${name}`,
    }),
  });
}

function externalEdit(rules: Rules, volume: Volume, lines: readonly string[]): Edit | undefined {
  const { node } = volume;
  if (node.shared === true) return undefined;
  if (node.kind !== 'map') return keyWith(rules, volume, lines);
  const { file, start, end } = node.spot;
  if (node.entries.size === 0) return { file, start, end, text: `{ ${lines.join(', ')} }` };
  const driver = node.entries.get('driver');
  const others = ['external', 'driver', 'driver_opts'].filter((name) => node.entries.has(name));
  if (others.length === 0) return rules.editor.addKey(node, lines, lines.join(', '));
  // An external volume has no driver; `local` is what it has anyway.
  if (others.length > 1 || driver === undefined || node.flow || volume.driver !== 'local') return undefined;
  const text = rules.project.loaded.texts.get(file) ?? '';
  const indent = text.slice(text.lastIndexOf('\n', driver.key.start - 1) + 1, driver.key.start);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { file, start: driver.key.start, end: driver.value.spot.end, text: lines.join(eol + indent) };
}

/** Lines below the key of a volume that says nothing yet. */
function keyWith(rules: Rules, { keySpot }: Volume, lines: readonly string[]) {
  const text = rules.project.loaded.texts.get(keySpot.file) ?? '';
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text.slice(text.lastIndexOf('\n', keySpot.start - 1) + 1, keySpot.start);
  if (!/^ *$/.test(before)) return undefined;
  const newline = text.indexOf('\n', keySpot.end);
  // Nothing but a comment may stand after the colon: `~` or `null` would stay in the way.
  const rest = text.slice(keySpot.end, newline === -1 ? undefined : newline);
  if (!/^\s*:\s*(?:#.*)?$/.test(rest)) return undefined;
  const indent = `${before}  `;
  const at = newline === -1 ? text.length : newline + 1;
  const body = lines.map((line) => `${indent}${line}${eol}`).join('');
  return { file: keySpot.file, start: at, end: at, text: newline === -1 ? eol + body : body };
}

function nameless(rules: Rules, volumes: readonly Important[]): void {
  const { project, editor } = rules;
  const file = project.loaded.files[0] ?? '';
  const root = project.loaded.roots.get(file);
  if (root === undefined) return;
  const names = volumes.map(({ volume }) => volume.key).join(', ');
  rules.report.finding({
    rule: 'no-project-name',
    severity: 'warning',
    spot: root.spot,
    subject: 'name',
    message: `The project has no \`name\`, so its volumes (${names}) are called after its folder, ${project.name || 'which has no usable name'}.`,
    why: 'In a renamed, moved or second checkout it starts with new, empty volumes, and another project in a folder of that name takes these.',
    ...(project.name === ''
      ? {}
      : mendOf(`Name it ${project.name}, as it is called now`, [editor.addFirst(file, `name: ${project.name}`)])),
  });
}

function checkScripts(rules: Rules): void {
  for (const { file, line, column, text, start, end, what } of rules.facts.scripts(rules.project.folder)) {
    rules.report.finding({
      rule: 'script-removes-volumes',
      severity: 'warning',
      spot: { file, line, column, start, end },
      subject: text.trim().slice(0, 200),
      message:
        what === 'down'
          ? 'A script beside the project removes its volumes.'
          : 'A script beside the project prunes volumes.',
      why:
        what === 'down'
          ? '`down -v` removes every volume of the project that is not external, with all data in it.'
          : 'Volumes no container uses at that moment are removed, with all data in them.',
      ...mendOf('Leave the volumes', start === end ? [] : [{ file, start, end, text: '' }], {
        safe: false,
        note: 'If the script is meant to wipe everything, mute this.',
      }),
    });
  }
}
