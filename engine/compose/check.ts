import { Editor } from './edit.ts';
import type { CannotTell, Finding } from './finding.ts';
import { knownImage } from './images.ts';
import type { Project } from './model.ts';
import { checkBinds } from './rules/binds.ts';
import type { CheckedStore, DiskFacts, Rules } from './rules/context.ts';
import { checkDataPaths } from './rules/data-paths.ts';
import { anonymous } from './rules/kept.ts';
import { checkLayout, checkVariables } from './rules/layout.ts';
import { checkSharing } from './rules/sharing.ts';
import { checkVolumes, holdsData } from './rules/volumes.ts';

export interface Checked {
  readonly findings: readonly Finding[];
  readonly cannotTell: readonly CannotTell[];
}

export interface CheckOptions {
  readonly facts: DiskFacts;
  readonly store?: CheckedStore | undefined;
  /** Real roots of all stores known. */
  readonly roots?: readonly string[];
}

/** Last parts of paths that are made anew by a build; anonymous volumes there only hide what a bind mount brings along. */
const rebuilt = new Set(
  `node_modules .next .nuxt .svelte-kit .turbo .parcel-cache .venv venv __pycache__ .pytest_cache .mypy_cache .cache .npm
   .yarn .pnpm-store .gradle dist build target vendor bin obj tmp coverage site-packages .git`.split(/\s+/),
);

/** Everything that is known to lose data in a project, and what cannot be told. Pure, but for what `facts` asks of the disk. */
export function checkProject(project: Project, options: CheckOptions): Checked {
  const findings = new Map<string, Finding>();
  const cannotTell = new Map<string, CannotTell>();
  const rules: Rules = {
    project,
    editor: new Editor(project.loaded),
    facts: options.facts,
    store: options.store,
    roots: options.roots ?? [],
    report: {
      finding(finding) {
        const key = [finding.rule, finding.service, finding.subject, finding.spot.file].join('\n');
        if (!findings.has(key)) findings.set(key, finding);
      },
      cannotTell(entry) {
        const key = [entry.service, entry.subject, entry.spot.file, entry.spot.line].join('\n');
        if (!cannotTell.has(key)) cannotTell.set(key, entry);
      },
    },
  };
  for (const problem of project.loaded.problems) rules.report.finding(problem);
  for (const entry of project.unknown) rules.report.cannotTell(entry);
  for (const service of project.services) {
    const known = service.image === undefined ? { kind: 'unknown' as const } : knownImage(service.image);
    if (known.kind === 'fact') checkDataPaths(rules, service, known.fact);
    for (const mount of service.mounts) {
      const last = mount.target.split('/').at(-1) ?? '';
      if (mount.kind !== 'anonymous' || rebuilt.has(last) || holdsData(service, mount)) continue;
      anonymous(rules, service, mount, '');
    }
    checkVariables(rules, service);
    if (known.kind === 'unknown') tellUnknown(rules, service.name);
  }
  checkSharing(rules);
  checkBinds(rules);
  checkVolumes(rules);
  if (options.store !== undefined) checkLayout(rules, options.store);
  return { findings: [...findings.values()].toSorted(byPlace), cannotTell: [...cannotTell.values()].toSorted(byPlace) };
}

/** Finding 10: what an image of one's own keeps, nobody knows but its makers. */
function tellUnknown({ project, report }: Rules, name: string): void {
  const service = project.services.find((each) => each.name === name);
  if (service === undefined) return;
  const what = service.image?.text.replaceAll('\u0000', '…');
  report.cannotTell({
    spot: service.imageSpot,
    service: service.name,
    subject: 'image',
    message:
      what !== undefined && !service.built
        ? `What ${what} keeps, and where, is not known.`
        : `What ${service.name} keeps, and where, cannot be told${service.built ? ': its image is built here' : ''}.`,
    why: service.mounts.some(({ kind }) => kind !== 'tmpfs')
      ? 'See to it that everything it must keep lies below one of its mounts.'
      : 'It has no mounts, so whatever it writes is gone with the container.',
  });
}

function byPlace(a: { spot: Finding['spot'] }, b: { spot: Finding['spot'] }): number {
  if (a.spot.file !== b.spot.file) return a.spot.file < b.spot.file ? -1 : 1;
  return a.spot.line - b.spot.line || a.spot.column - b.spot.column;
}
