import type { AreaBackup, BackupPlan, ExclusionKind, Role } from '../../../shared/contract/index.ts';

export interface Saving {
  files: number;
  bytes: number;
}

/** What one glob leaves out, by the plan; undefined when nothing fits it. */
export function savingOf(glob: string, plan: BackupPlan): Saving | undefined {
  const lines = plan.excluded.filter((each) => each.glob === glob);
  return lines.length === 0 ? undefined : sum(lines);
}

/** What the plan leaves out for each reason, the most first. */
export function savingsByReason(plan: BackupPlan): readonly (Saving & { reason: string; paths: number })[] {
  const reasons = new Map<string, BackupPlan['excluded'][number][]>();
  for (const line of plan.excluded) reasons.set(line.reason, [...(reasons.get(line.reason) ?? []), line]);
  return [...reasons]
    .map(([reason, lines]) => ({ reason, paths: lines.length, ...sum(lines) }))
    .sort((a, b) => b.bytes - a.bytes || b.files - a.files);
}

function sum(lines: readonly Saving[]): Saving {
  return lines.reduce<Saving>(
    (total, { files, bytes }) => ({ files: total.files + files, bytes: total.bytes + bytes }),
    { files: 0, bytes: 0 },
  );
}

export interface AreaLine extends Saving {
  path: string;
  role: Role | undefined;
  /** What its rule leaves out of it. */
  left: Saving;
  /** The rule the store's layout has for it, where that holds. */
  byLayout: AreaBackup | undefined;
}

/** The folders a rule can be about: those the plan looked at, areas of the layout, and those that have a rule, by name. */
export function areaLines(plan: BackupPlan, ruled: readonly string[]): AreaLine[] {
  const areas = new Map<string, AreaLine>();
  const area = (path: string): AreaLine => {
    const known = areas.get(path) ?? {
      path,
      role: undefined,
      files: 0,
      bytes: 0,
      left: { files: 0, bytes: 0 },
      byLayout: undefined,
    };
    areas.set(path, known);
    return known;
  };
  for (const path of ruled) area(path);
  for (const { path, role, rule, from } of plan.areaRules) {
    if (path !== '') Object.assign(area(path), { role, byLayout: from === 'layout' ? rule : undefined });
  }
  for (const { path, role, files, bytes } of plan.included) {
    if (path !== '') Object.assign(area(path), { role, files, bytes });
  }
  for (const { path, kind, files, bytes } of plan.excluded) {
    const isArea = areas.has(path) || !path.includes('/');
    if (path === '' || !isArea || !areaKinds.has(kind)) continue;
    const { left } = area(path);
    left.files += files;
    left.bytes += bytes;
  }
  return [...areas.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Those that an area's rule, or what the area is for, brings about. */
const areaKinds: ReadonlySet<ExclusionKind> = new Set(['never', 'notRecent', 'backups']);
