import type { Layout, LayoutCandidate, LayoutMark } from '../../shared/contract/index.ts';
import { Globs } from '../../shared/glob.ts';
import { comparePaths, displayName } from '../../shared/path-text.ts';
import { AreaIndex } from '../../shared/area-path.ts';
import type { Listing, Seen } from './look.ts';

/** A score from which on a layout may be taken without asking, if it also leads by `clearLead`. */
const convincingScore = 0.6;
const clearLead = 0.1;
/** A layout without what it cannot be without is hardly it. */
const withoutNeeded = 0.2;
/** What folders that are none of a layout's take off its score, when there is nothing else. */
const allForeign = 0.4;
/** The same for a layout that is one area from its root on. */
const allForeignInRoot = 0.9;
/** What the areas that may be missing can add, of what is left to be sure. */
const optionalShare = 0.5;
/** What the usual name adds, of what is left to be sure. */
const nameShare = 0.1;
/** Names listed in a reason. */
const listedNames = 4;

interface Evidence {
  readonly title: string;
  readonly weight: number;
  readonly needed: boolean;
  readonly found: boolean;
}

/** What one layout has for and against it in a folder. */
function evidenceOf(
  layout: Layout,
  { seen }: Listing,
): { core: Evidence[]; optional: Evidence[]; foreign: ReturnType<typeof foreignTo> } {
  const folders = seen.filter(({ kind }) => kind !== 'file');
  const paths = new Set(folders.map(({ path }) => path));
  const isThere = (path: string): boolean => {
    if (!path.includes('*')) return paths.has(path);
    const index = new AreaIndex([{ path }]);
    return folders.some((each) => index.at(each.path) !== undefined);
  };
  const areas = layout.areas.filter(({ path }) => path !== '');
  const ofArea = ({ path }: { path: string }): Evidence => ({
    title: path,
    weight: 1,
    needed: false,
    found: isThere(path),
  });
  const marks = layout.marks.map((mark) => ({
    title: mark.title ?? mark.any.join(' or '),
    weight: mark.weight ?? 1,
    needed: mark.needed ?? false,
    found: findMark(mark, seen),
  }));
  return {
    core: [...marks, ...areas.filter(({ required }) => required).map(ofArea)],
    optional: areas.filter(({ required }) => !required).map(ofArea),
    foreign: foreignTo(layout, seen),
  };
}

/** What lies in the root that the layout has no place for, and its share of all that lies there. */
function foreignTo(layout: Layout, seen: readonly Seen[]): { names: string[]; weight: number } {
  const { areas, marks, names } = layout;
  const isRootArea = areas.some(({ path }) => path === '');
  const patterns = [...areas.map(({ path }) => path), ...marks.flatMap(({ any }) => any)];
  const tops = patterns.map((path) => path.split('/')[0] ?? '').filter((name) => !/^\**$/.test(name));
  const own = new Globs([...tops, ...names].map((name) => `/${name}`));
  // A store that is one area from its root on has no folders of others in it, and no files either.
  const inRoot = seen.filter(({ path, kind }) => !path.includes('/') && (isRootArea || kind === 'dir'));
  const counted = inRoot.filter(({ path }) => everywhere.match(path, false) === undefined);
  const foreign = counted.filter(({ path, kind }) => own.match(path, kind !== 'file') === undefined);
  const share = counted.length === 0 ? 0 : foreign.length / counted.length;
  return { names: foreign.map(({ path }) => path), weight: share * (isRootArea ? allForeignInRoot : allForeign) };
}

/** Names that lie about in any folder. */
const everywhere = new Globs([
  'larder.yaml',
  'larder.schema.json',
  '.*',
  'README*',
  'CACHEDIR.TAG',
  'lost+found',
  '*.md',
]);

function findMark({ any, kind }: LayoutMark, seen: readonly Seen[]): boolean {
  // A leading slash holds them to the root of the folder.
  const globs = new Globs(any.map((path) => `/${path}`));
  return seen.some((each) => {
    if (kind !== undefined && each.kind !== 'link' && each.kind !== kind) return false;
    return globs.match(each.path, each.kind === 'dir') !== undefined;
  });
}

function share(evidence: readonly Evidence[]): number {
  const sum = (of: readonly Evidence[]): number => of.reduce((total, { weight }) => total + weight, 0);
  const whole = sum(evidence);
  return whole === 0 ? 0 : sum(evidence.filter(({ found }) => found)) / whole;
}

/** How well one layout fits; undefined when nothing speaks for it. Finding more of its areas never lowers the score. */
function candidate(layout: Layout, listing: Listing): Omit<LayoutCandidate, 'convincing'> | undefined {
  const { core, optional, foreign } = evidenceOf(layout, listing);
  const all = [...core, ...optional];
  if (!all.some(({ found }) => found)) return undefined;
  const sure = share(core);
  const lacking = core.filter(({ needed, found }) => needed && !found);
  const isNamed = layout.root !== '' && listing.name === layout.root;
  const fit =
    (sure + (1 - sure) * optionalShare * share(optional)) *
    (lacking.length > 0 ? withoutNeeded : 1) *
    (1 - foreign.weight);
  const score = isNamed ? fit + (1 - fit) * nameShare : fit;
  const missing = core.filter(({ found }) => !found).map(({ title }) => title);
  return {
    id: layout.id,
    title: layout.title,
    score: Math.round(score * 1_000) / 1_000,
    speaksFor: [
      ...all.flatMap(({ found, title }) => (found ? [`${displayName(title)} is there`] : [])),
      ...(isNamed ? [`It is called ${layout.root}`] : []),
    ],
    speaksAgainst: [
      ...missing.map((title) => `${displayName(title)} is not there`),
      ...(foreign.names.length === 0 ? [] : [`It has no place for ${listed(foreign.names)}`]),
    ],
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, listedNames).map(displayName).join(', ');
  return names.length > listedNames ? `${shown} and ${names.length - listedNames} more` : shown;
}

/**
 * Which layouts a folder may be of, best first. `named` is the layout a `larder.yaml` in it names, which settles it.
 * The same listing gives the same answer.
 */
export function detectLayouts(layouts: readonly Layout[], listing: Listing, named?: string): LayoutCandidate[] {
  const found = layouts.flatMap((layout) => {
    const each = candidate(layout, listing);
    if (layout.id !== named) return each ?? [];
    const because = 'larder.yaml names it';
    return {
      ...(each ?? { id: layout.id, title: layout.title, speaksAgainst: [] }),
      score: 1,
      speaksFor: [because, ...(each?.speaksFor ?? [])],
    };
  });
  found.sort(
    (a, b) => Number(b.id === named) - Number(a.id === named) || b.score - a.score || comparePaths(a.id, b.id),
  );
  const [best, second] = found;
  const isClear =
    best !== undefined &&
    (best.id === named || (best.score >= convincingScore && best.score - (second?.score ?? 0) >= clearLead));
  return found.map((each) => ({ ...each, convincing: isClear && each === best }));
}
