import { isAbsolute, relative } from 'node:path';
import { displayName } from '../../../shared/path-text.ts';
import { imageFacts, knownImage, ownerOf } from '../images.ts';
import type { ImageFact } from '../images.ts';
import { isWithin } from '../container-path.ts';
import type { Mount, Service } from '../model.ts';
import type { Rules } from './context.ts';
import { mendOf, placeFor } from './placing.ts';
import { holdsData } from './volumes.ts';

/** Findings 5, 8 and 9: folders of the host that data is kept in. */
export function checkBinds(rules: Rules): void {
  for (const service of rules.project.services) {
    const known = service.image === undefined ? undefined : knownImage(service.image);
    for (const mount of service.mounts) {
      if (mount.inherited === true || mount.kind === 'tmpfs') continue;
      const data = holdsData(service, mount);
      if (known?.kind === 'fact' && data && known.fact.posix === true)
        checkFileSystem(rules, service, mount, known.fact);
      if (mount.host === undefined && mount.kind !== 'bind') continue;
      const expected = rules.store?.mounts.find(
        (each) => serves(service, each.service) && isWithin(mount.target, each.target) && !mount.readOnly,
      );
      if (data || expected !== undefined) checkPlace(rules, service, mount);
      if (known?.kind === 'fact' && data && !mount.readOnly) checkOwner(rules, service, mount, known.fact);
    }
  }
}

/** Services beside another one that look after it and keep nothing of its own. */
const helpers = new Set(
  'exporter init migrate migration migrations backup proxy test tests e2e ui admin seed setup'.split(' '),
);

/**
 * Whether a service of a compose file is the one a layout speaks of. One that is a well-known program goes by its image;
 * others by their name, which may have more words: `stock-backend` is `backend`, `backend-tests` is not.
 */
export function serves(service: Service, wanted: string): boolean {
  const known = service.image === undefined ? undefined : knownImage(service.image);
  if (known?.kind === 'fact' && known.fact.id.replace(/^bitnami-/, '') === wanted.toLowerCase()) return true;
  if (normal(service.name) === normal(wanted)) return true;
  if (known?.kind === 'fact' || known?.kind === 'stateless' || isProgram(wanted)) return false;
  const parts = service.name.toLowerCase().split(/[^a-z0-9]+/);
  return parts.includes(wanted.toLowerCase()) && !parts.some((part) => helpers.has(part));
}

function isProgram(name: string): boolean {
  return imageFacts.some(({ id }) => id === name.toLowerCase());
}

function normal(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function isInside(root: string, path: string): boolean {
  const below = relative(root, path);
  return below === '' || (!below.startsWith('..') && !isAbsolute(below));
}

function checkPlace(rules: Rules, service: Service, mount: Mount): void {
  const { facts, store, roots, project, editor } = rules;
  if (mount.host === undefined || mount.source === undefined) return;
  const real = facts.real(mount.host);
  if (store !== undefined && !isInside(store.path, real) && !roots.some((root) => isInside(root, real))) {
    const where = placeFor(rules, service, mount.target);
    const to = where.text.slice(0, where.text.length - mount.target.length - 1);
    const node = mount.node.kind === 'map' ? mount.node.entries.get('source')?.value : mount.node;
    rules.report.finding({
      rule: 'bind-outside-store',
      severity: 'warning',
      spot: mount.spot,
      service: service.name,
      subject: mount.target,
      message: `${mount.target} is kept in ${displayName(mount.source)}, outside the store ${displayName(store.path)}.`,
      why: 'What lies outside is neither counted nor backed up with the store.',
      ...(where.volume === undefined && node !== undefined && mount.kind === 'bind'
        ? mendOf(`Keep it in ${to}`, [editor.replace(node, mount.source, to, 'first')], {
            safe: false,
            note: 'Move what is there into the new folder first.',
          })
        : {}),
    });
  } else if (mount.relative && store === undefined && !roots.some((root) => isInside(root, real))) {
    const node = mount.node.kind === 'map' ? mount.node.entries.get('source')?.value : mount.node;
    rules.report.finding({
      rule: 'relative-bind',
      severity: 'warning',
      spot: mount.spot,
      service: service.name,
      subject: mount.target,
      message: `${mount.target} is kept in ${displayName(mount.source)}, a path relative to ${displayName(project.folder)}.`,
      why: 'The data lies in the code: another checkout starts empty, and cleaning or removing this one removes it. A store outside, or the folder registered as a store, is safe.',
      ...(node === undefined || !/^[\x20-\x7e]*$/.test(mount.host) || mount.host.includes(':')
        ? {}
        : mendOf('Name the folder in full', [editor.replace(node, mount.source, mount.host, 'first')], {
            safe: false,
            note: 'The file is then of this machine only.',
          })),
    });
  }
}

function checkOwner(rules: Rules, service: Service, mount: Mount, fact: ImageFact): void {
  if (mount.host === undefined || mount.windows || service.image === undefined) return;
  const found = rules.facts.owner(mount.host);
  if (found === undefined) return;
  const asked = /^(\d+)(?::(\d+))?$/.exec(service.user ?? '');
  const usual = ownerOf(fact, service.image);
  // A user given by name is one of the image's own, unknown here.
  if (service.user !== undefined && asked === null && service.user !== 'root') return;
  const expected =
    service.user === 'root'
      ? { uid: 0, gid: 0 }
      : asked === null
        ? usual
        : { uid: Number(asked[1]), gid: Number(asked[2] ?? 0) };
  if (expected === undefined || expected.uid === 0 || found.uid === expected.uid) return;
  const writable = (found.mode & 0o002) !== 0 || (found.gid === expected.gid && (found.mode & 0o020) !== 0);
  if (writable && fact.strict !== true && (fact.takesOver !== true || asked !== null)) return;
  // It starts as root, and takes a folder of root's over without anybody losing access.
  const overtakes = fact.takesOver === true && service.user === undefined;
  if (overtakes && found.uid === 0) return;
  const owner = `${found.uid}:${found.gid}`;
  const want = `${expected.uid}:${expected.gid}`;
  const edit =
    found.uid === 0 || service.user !== undefined
      ? undefined
      : rules.editor.addToService(service.name, `user: "${owner}"`);
  rules.report.finding({
    rule: 'bind-owner',
    severity: 'warning',
    spot: mount.spot,
    service: service.name,
    subject: mount.target,
    message: `${displayName(mount.source ?? mount.host)} belongs to ${owner}; ${fact.title} runs as ${want}${service.user === undefined ? '' : ' (user)'}.`,
    why: overtakes
      ? `At its start it makes the folder its own, after which user ${found.uid} cannot read or back it up.`
      : 'It cannot write there, and stops at its start.',
    command: `sudo chown -R ${want} ${quoted(mount.host)}`,
    ...(edit === undefined
      ? {}
      : mendOf(`Run it as the folder's owner, ${owner}`, [edit], {
          safe: false,
          note: 'Files it wrote before keep their owner.',
        })),
  });
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function checkFileSystem(rules: Rules, service: Service, mount: Mount, fact: ImageFact): void {
  const { facts, project, editor } = rules;
  const volume = mount.kind === 'volume' ? project.volumes.get(mount.source ?? '') : undefined;
  const type = volume?.options.get('type') ?? '';
  const found = /^(?:nfs4?|cifs|smb\w*)$/.test(type)
    ? { kind: 'network' as const, type }
    : mount.windows
      ? { kind: 'windows' as const, type: 'a Windows path' }
      : mount.host === undefined
        ? undefined
        : facts.fileSystem(mount.host);
  if (found === undefined || found.kind === 'local') return;
  const name = `${service.name.replace(/[^A-Za-z0-9_.-]/g, '_')}_data`;
  const node = mount.node.kind === 'map' ? undefined : mount.node;
  const free = mount.kind === 'bind' && mount.source !== undefined && !project.volumes.has(name) && node !== undefined;
  rules.report.finding({
    rule: 'data-file-system',
    severity: 'warning',
    spot: mount.spot,
    service: service.name,
    subject: mount.target,
    message: `${fact.title} keeps its data on ${found.kind === 'windows' ? 'a Windows mount' : 'a network file system'} (${found.type}).`,
    why: `${fact.title} needs a local POSIX file system; elsewhere its data is damaged sooner or later.`,
    ...(free
      ? mendOf(
          `Keep it in the volume ${name}`,
          [editor.replace(node, mount.source ?? '', name, 'first'), editor.addVolume(name, mount.spot.file)],
          {
            safe: false,
            note: 'Copy what is there into the volume first.',
          },
        )
      : {}),
  });
}
