import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { pathsOf } from '../bounded.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { Finding, Mend, MendChange } from '../check.ts';
import type { AreaState, Base } from '../facts.ts';
import { wantedOf } from '../gather.ts';
import { dayMs, folders, inPart, listed, octal, quoted, shown } from './words.ts';

const noLayout = 'Nobody has said which folders there should be: the store has no layout.';

/** Whether the areas are those of a layout rather than guesses. */
export function hasLayout({ layout }: Base): boolean {
  return layout.source !== 'guess';
}

/** A folder outside the layout counts as big from here on, or when it holds a tenth of a store of some size. */
const bigBytes = 1024 ** 3;
const bigShare = 0.1;
const bigShareFrom = 100 * 1024 ** 2;

/** Roles that hold what a store is for; one of these with nothing in it is remarkable. */
const kept = new Set(['model', 'vector', 'scaler', 'dataset', 'database']);

function created({ layout, me }: Base, area: Base['layout']['areas'][number] | undefined, path: string): MendChange {
  const { directoryMode, owner } = wantedOf(area ?? {}, layout);
  const how = [
    directoryMode === undefined ? undefined : octal(directoryMode),
    owner === undefined || me?.uid !== 0 ? undefined : `${owner.uid}:${owner.gid}`,
  ];
  return {
    kind: 'create',
    path,
    from: 'nothing',
    to: ['folder', ...how.filter((each) => each !== undefined)].join(', '),
    mode: directoryMode,
    // Only root may give a folder to another user; another gets it as its own.
    owner: me?.uid === 0 ? owner : undefined,
  };
}

/** Folders to be made on the way to one, top first. */
function withParents(base: Base, path: string, there: ReadonlySet<string>): MendChange[] {
  const parts = path.split('/');
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .filter((each) => !there.has(each))
    .map((each) =>
      created(
        base,
        base.layout.areas.find((area) => area.path === each),
        each,
      ),
    );
}

/** Folders known to be there because something of the layout is in them. */
function foldersThere(states: readonly AreaState[]): Set<string> {
  const there = new Set<string>();
  for (const { path, state } of states) {
    if (state !== 'folder') continue;
    for (let at = path; at !== ''; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') there.add(at);
  }
  return there;
}

export const structureChecks = [
  defineCheck({
    id: 'structure.root',
    group: 'structure',
    title: 'The folder is there',
    why: 'When its disk is not mounted, programs write into the empty folder beneath and find their data gone.',
    weight: 5,
    statuses: ['pass', 'fail'],
    needs: [],
    run({ store }) {
      if (store.state === 'ok') return pass(`${shown(store.path)} can be read.`);
      const evidence = store.stateReason ?? `${shown(store.path)} cannot be read.`;
      return fail(evidence, { command: `ls -ld ${quoted(store.path)}` });
    },
  }),
  defineCheck({
    id: 'structure.required',
    group: 'structure',
    title: 'Required folders',
    why: 'A program that does not find its folder stops, or writes somewhere else where no backup looks.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['areas'],
    run(base, { areas: states }) {
      if (!hasLayout(base)) return skip(noLayout);
      const { layout } = base;
      const required = layout.areas.filter((area) => area.required);
      const byPath = new Map(states.map((state) => [state.path, state]));
      const there = foldersThere(states);
      const findings: Finding[] = [];
      const planned = new Set<string>();
      const mendOf = (path: string, wanted: readonly string[] = [path]): Mend => {
        const changes: MendChange[] = [];
        for (const change of wanted.flatMap((each) => withParents(base, each, there))) {
          if (planned.has(change.path)) continue;
          planned.add(change.path);
          changes.push(change);
        }
        return { title: `Create ${path}`, changes };
      };
      for (const area of required) {
        const state = byPath.get(area.path)?.state ?? (area.exists ? 'folder' : 'missing');
        const paths = { first: [area.path], more: 0 };
        if (state === 'missing') {
          // With the folders the layout has in it, or the next look would miss those.
          const wanted = [area.path, ...(area.folders ?? []).map((folder) => `${area.path}/${folder}`)];
          const command = `mkdir -p ${wanted.map((each) => quoted(`${base.store.path}/${each}`)).join(' ')}`;
          findings.push(
            area.path.includes('*')
              ? fail(`No folder ${shown(area.path)} is there.`, { area: area.id, cannot: 'Its name is a pattern.' })
              : fail(`${shown(area.path)} is not there.`, {
                  area: area.id,
                  paths,
                  command,
                  mend: mendOf(area.path, wanted),
                }),
          );
        } else if (state === 'file') {
          const cannot = 'Something else is in its place, and nothing is deleted.';
          findings.push(fail(`${shown(area.path)} is not a folder.`, { area: area.id, paths, cannot }));
        } else if (state === 'unreadable') {
          findings.push(skip(`${shown(area.path)} cannot be reached by this user.`, { area: area.id, paths }));
        }
      }
      for (const { path, missingFolders } of states) {
        const area = layout.areas.find((each) => each.path === path);
        const [first] = missingFolders;
        if (area === undefined || first === undefined) continue;
        const missing = missingFolders.map((folder) => (path === '' ? folder : `${path}/${folder}`));
        const changes = missing.flatMap((each) => mendOf(each).changes);
        findings.push(
          warn(
            `${listed(missingFolders.map(shown))} of the layout ${missingFolders.length === 1 ? 'is' : 'are'} not in ${shown(path)}.`,
            {
              area: area.id,
              paths: { first: missing, more: 0 },
              command: `mkdir -p ${missing.map((each) => quoted(`${base.store.path}/${each}`)).join(' ')}`,
              mend: { title: missing.length === 1 ? `Create ${first}` : `Create ${folders(missing.length)}`, changes },
            },
          ),
        );
      }
      if (findings.length > 0) return findings;
      if (required.length === 0) return pass('The layout requires none.');
      return pass(
        `All ${folders(required.length)} of the layout are there.`.replace(
          'All 1 folder of the layout are',
          'The folder of the layout is',
        ),
      );
    },
  }),
  defineCheck({
    id: 'structure.unexpected',
    group: 'structure',
    title: 'Folders outside the layout',
    why: 'What lies in no area has no rule: it may grow unnoticed, and nobody has said whether it can be made again.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['figures'],
    run(base, { figures }) {
      if (!hasLayout(base)) return skip(noLayout);
      const big = figures.areas
        .filter(
          ({ guess, bytes }) =>
            guess && (bytes >= bigBytes || (bytes >= bigShareFrom && bytes >= figures.bytes * bigShare)),
        )
        .sort((a, b) => b.bytes - a.bytes);
      if (big.length === 0) {
        return pass(figures.atLeast ? `No large one was found. ${inPart}` : 'There is no large one.');
      }
      return warn(
        `${listed(big.map(({ path, bytes }) => `${shown(path)} (${formatBytes(bytes)})`))} ${big.length === 1 ? 'belongs' : 'belong'} to no area.`,
        {
          paths: { first: big.slice(0, 20).map(({ path }) => path), more: Math.max(0, big.length - 20) },
          cannot: 'What it is for is yours to say: give it an area in larder.yaml, or move it.',
        },
      );
    },
  }),
  defineCheck({
    id: 'structure.empty',
    group: 'structure',
    title: 'Empty areas',
    why: 'Models or data missing where they were kept is often the first sign of a wrong mount or a lost volume.',
    weight: 2,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['figures', 'areas'],
    run(base, { figures, areas: states }) {
      if (!hasLayout(base)) return skip(noLayout);
      const wanted = base.layout.areas.filter(({ required, role, path }) => {
        const state = states.find((each) => each.path === path)?.state;
        return required && kept.has(role) && state === 'folder';
      });
      if (wanted.length === 0) return pass('The layout requires none that holds models or data.');
      const inUse = figures.areas.filter(({ role, files }) => kept.has(role) && files > 0);
      if (inUse.length === 0 && base.nowMs - base.store.addedAtMs < dayMs) {
        return skip('The store is new, and nothing has been put into it yet.');
      }
      const empty = wanted.filter(({ path }) => {
        // What lies in an area within it counts for it, too.
        return !figures.areas.some(
          (area) => area.files > 0 && (area.path === path || area.path.startsWith(`${path}/`)),
        );
      });
      if (empty.length === 0)
        return pass(
          `All ${formatQuantity(wanted.length, 'area')} for models and data hold something.`.replace(
            'All 1 area for models and data hold',
            'The area for models and data holds',
          ),
        );
      return warn(`${listed(empty.map(({ path }) => shown(path)))} ${empty.length === 1 ? 'is' : 'are'} empty.`, {
        paths: { first: empty.map(({ path }) => path).slice(0, 20), more: Math.max(0, empty.length - 20) },
        command: `larder backups ${quoted(base.store.name)}`,
      });
    },
  }),
  defineCheck({
    id: 'structure.dangling',
    group: 'structure',
    title: 'Links that lead nowhere',
    why: 'A program that opens such a link finds nothing: a model whose content was deleted cannot be loaded.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['tree'],
    run(_base, { tree: { dangling, complete } }) {
      if (dangling.count === 0) return complete ? pass('Every link leads somewhere.') : skip(inPart);
      const words = listed(
        dangling.first.map(({ path }) => shown(path)),
        dangling.count,
      );
      const ofModels = dangling.first.some(({ role }) => role === 'model' || role === 'vector');
      const evidence = `${formatQuantity(dangling.count, 'link')}: ${words}.`;
      const rest = {
        paths: pathsOf(dangling),
        cannot: 'Nothing is deleted: put back what it leads to, or remove it yourself.',
      };
      return ofModels ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
  defineCheck({
    id: 'structure.leaving',
    group: 'structure',
    title: 'Links that leave the store',
    why: 'Backups keep the link and not what it leads to, so that it would be missing after a restore elsewhere.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree'],
    run(_base, { tree: { leaving, complete } }) {
      if (leaving.count === 0) return complete ? pass('No link leads out of it.') : skip(inPart);
      const [first] = leaving.first;
      const words =
        leaving.count === 1 && first !== undefined
          ? `${shown(first.path)} leads to ${shown(first.target)}.`
          : `${formatQuantity(leaving.count, 'link')}: ${listed(
              leaving.first.map(({ path }) => shown(path)),
              leaving.count,
            )}.`;
      return warn(words, {
        paths: pathsOf(leaving),
        cannot: 'Move what it leads to into the store, or make that a store of its own.',
      });
    },
  }),
];
