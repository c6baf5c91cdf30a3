import type { HealthChange, HealthFixPlan } from '../../shared/contract/index.ts';
import type { Change } from './apply.ts';
import { mostMends } from './walk-tree.ts';
import type { Evaluated } from './report.ts';

/** A change as a person is shown it. */
export function shownChange({ check, area, kind, path, from, to }: Change): HealthChange {
  return { check, ...(area === undefined ? {} : { area }), kind, path, from, to };
}

/** Folders before what is set on them, owners before modes, which a change of owner may reset. */
const order = { create: 0, append: 1, owner: 2, mode: 3 } as const;

/** What the safe fixes of these results come to, and what they leave. What is muted is left alone. */
export function fixOf(
  evaluated: readonly Evaluated[],
  isMuted: (check: string, area: string | undefined) => boolean,
): { changes: Change[]; more: boolean; cannot: HealthFixPlan['cannot'] } {
  const changes: Change[] = [];
  const cannot: HealthFixPlan['cannot'] = [];
  let more = false;
  for (const { check, finding } of evaluated) {
    const { status, area, mend, cannot: reason, evidence, command } = finding;
    if (status === 'pass' || isMuted(check.id, area)) continue;
    const of = { check: check.id, ...(area === undefined ? {} : { area }) };
    if (mend !== undefined) {
      changes.push(...mend.changes.map((change): Change => ({ ...of, ...change })));
      more ||= mend.more === true;
    } else if (status !== 'skip' || reason !== undefined) {
      const why = reason === undefined ? evidence : `${evidence} ${reason}`;
      cannot.push({ ...of, title: check.title, reason: why, ...(command === undefined ? {} : { command }) });
    }
  }
  changes.sort((a, b) => order[a.kind] - order[b.kind]);
  return { changes: changes.slice(0, mostMends), more: more || changes.length > mostMends, cannot };
}
