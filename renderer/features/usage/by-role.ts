import type { Role, UsageSummary } from '../../../shared/contract/index.ts';
import { byteUnitFor } from '../../../shared/format.ts';
import { roleColor, roleNames, roleOrder } from '../../design/roles.ts';
import type { BarPart } from '../../design/index.ts';
import { withShownSum } from './shown-sum.ts';

/** How much a store's folders take on disk by what they are for; what lies loose in the root is other unless it says. */
export function allocatedByRole(summary: UsageSummary): ReadonlyMap<Role, number> {
  const byRole = new Map<Role, number>();
  let named = 0;
  for (const area of summary.areas) {
    byRole.set(area.role, (byRole.get(area.role) ?? 0) + area.allocated);
    named += area.allocated;
  }
  const rest = Math.max(0, summary.allocated - named);
  const role = summary.loose.role ?? 'other';
  if (rest > 0) byRole.set(role, (byRole.get(role) ?? 0) + rest);
  return byRole;
}

/** A store's bar: what it takes on disk, by role. The shown figures add up. */
export function roleParts(summary: UsageSummary): readonly BarPart[] {
  const byRole = allocatedByRole(summary);
  const parts = roleOrder.flatMap((role): BarPart[] => {
    const bytes = byRole.get(role) ?? 0;
    return bytes === 0 ? [] : [{ id: role, label: roleNames[role], bytes, color: roleColor(role) }];
  });
  return withShownSum(parts, byteUnitFor(summary.allocated));
}
