import { join } from 'node:path';
import { displayName } from '../../../shared/path-text.ts';
import { pathFor } from '../edit.ts';
import { dataVariables, knownImage } from '../images.ts';
import { containerPath, isWithin } from '../container-path.ts';
import type { Mount, Service, Variable } from '../model.ts';
import { coverOf, erasFor, placesOf } from '../where.ts';
import { serves } from './binds.ts';
import type { CheckedStore, ExpectedMount, Rules } from './context.ts';
import { copyOut, mendOf, placeFor } from './placing.ts';

/** What the layout of a store expects of the services that use it. */
export function checkLayout(rules: Rules, store: CheckedStore): void {
  for (const expected of store.mounts) {
    for (const service of rules.project.services) {
      if (serves(service, expected.service)) checkMount(rules, store, service, expected);
    }
  }
}

function checkMount(rules: Rules, store: CheckedStore, service: Service, expected: ExpectedMount): void {
  const target = containerPath(expected.target);
  const cover = coverOf(target, service.mounts, []);
  if (service.unknownMounts.length > 0) return;
  const source = pathFor(rules.project.folder, join(store.path, expected.path));
  const there = expected.path === '' ? 'the store' : `${displayName(expected.path)}/ of the store`;
  const log = /(?:^|\/)logs?(?:\/|$)/.test(target);
  const about = { rule: 'layout-mount-missing', service: service.name, subject: target } as const;
  if (cover.kind === 'mount') {
    const { mount } = cover;
    // What is bound from outside the store, or does not stay at all, other rules tell.
    if (mount.kind !== 'volume' || mount.host !== undefined || mount.inherited === true) return;
    const node = mount.node.kind === 'scalar' && mount.target === target ? mount.node : undefined;
    const edit =
      node === undefined ? undefined : rules.editor.replace(node, `${mount.source ?? ''}:`, `${source}:`, 'first');
    rules.report.finding({
      ...about,
      severity: 'warning',
      spot: mount.spot,
      message: `${service.name} keeps ${target} in the volume ${mount.source ?? ''}, where the layout has ${there}.`,
      why: 'What lies in a volume is neither counted nor backed up with the store.',
      ...mendOf(`Keep it in ${source}`, [edit], {
        safe: false,
        note: 'Copy what is in the volume into the folder first.',
      }),
    });
    return;
  }
  if (isKnownPath(service, target)) return;
  const edit = source.slice(2).includes(':') ? undefined : rules.editor.addMount(service.name, `${source}:${target}`);
  rules.report.finding({
    ...about,
    severity: log ? 'warning' : 'error',
    spot: service.imageSpot,
    message: `${service.name} has nothing mounted at ${target}, where the layout has ${there}.`,
    why: 'What it writes there is gone with the container, and the store never gets it.',
    ...mendOf(`Mount ${source} there`, [edit], { note: copyOut }),
  });
}

/** The path of a known image, about which another rule has said all there is to say. */
function isKnownPath(service: Service, target: string): boolean {
  if (service.image === undefined) return false;
  const known = knownImage(service.image);
  if (known.kind !== 'fact') return false;
  return erasFor(service, known.fact).some((era) =>
    placesOf(service, era).some(({ wanted, path }) => path.minor !== true && isWithin(target, wanted)),
  );
}

/** Finding 3 for other images: variables that point past every mount. */
export function checkVariables(rules: Rules, service: Service): void {
  const { store } = rules;
  const known = service.image === undefined ? undefined : knownImage(service.image);
  // Of a known image it is known which variables move its data.
  if (known?.kind === 'fact' && store === undefined) return;
  const keeps = service.mounts.some(keepsFolders);
  for (const variable of service.environment.values()) {
    const ofLayout = store?.environment.filter(({ name, path }) => name === variable.name && path !== undefined) ?? [];
    const expected = ofLayout.find(({ service: of }) => of === undefined || serves(service, of));
    // Of a variable the layout has for other services alone, such as one of an env file they share, this one makes nothing.
    const general = ofLayout.length === 0 && dataVariables.has(variable.name) && keeps && known?.kind !== 'fact';
    if (expected !== undefined || general) checkVariable(rules, service, variable, expected?.value);
  }
}

function keepsFolders({ kind, readOnly, target }: Mount): boolean {
  return (kind === 'bind' || kind === 'volume') && !readOnly && !/\.\w{1,5}$/.test(target);
}

function checkVariable(rules: Rules, service: Service, variable: Variable, usual: string | undefined): void {
  const { name, value, spot, node } = variable;
  if (value === undefined || !value.startsWith('/') || service.unknownMounts.length > 0) return;
  const path = containerPath(value);
  const cover = coverOf(path, service.mounts, []);
  if (cover.kind === 'mount' && cover.mount.kind !== 'tmpfs') return;
  const fitting =
    usual !== undefined && coverOf(containerPath(usual), service.mounts, []).kind === 'mount' ? usual : undefined;
  const sameName = service.mounts.find(
    (mount) => keepsFolders(mount) && mount.target.split('/').at(-1) === path.split('/').at(-1),
  );
  const better = fitting ?? sameName?.target;
  const edit = better === undefined || node === undefined ? undefined : rules.editor.replace(node, value, better);
  const where = placeFor(rules, service, path, path.split('/').at(-1));
  rules.report.finding({
    rule: 'data-moved-off-mount',
    severity: 'error',
    spot,
    service: service.name,
    subject: name,
    message: `${name} points to ${path}, which ${cover.kind === 'mount' ? 'is mounted in memory (tmpfs)' : 'is not mounted'}.`,
    why: 'What is kept there is gone with the container: `down`, an update, or any change of the service.',
    ...(edit !== undefined
      ? mendOf(`Point it to ${better ?? ''}`, [edit])
      : cover.kind === 'mount'
        ? {}
        : mendOf(where.title, [rules.editor.addMount(service.name, where.text), ...where.edits], { note: copyOut })),
  });
}
