import { LarderError } from '../../shared/contract/index.ts';
import type { Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { overlap } from '../stores/index.ts';

/**
 * Throws `INVALID_INPUT` when the sample's root and a registered store lie in one another. Adding the store would be
 * refused for that anyway, but only after everything was written.
 */
export function checkOverlap(root: string, stores: readonly Pick<Store, 'name' | 'path'>[]): void {
  const says = { same: 'is already', inside: 'lies inside', contains: 'contains' } as const;
  for (const store of stores) {
    const relation = overlap(root, store.path);
    if (relation === undefined) continue;
    throw new LarderError('INVALID_INPUT', `${displayName(root)} ${says[relation]} the store ${store.name}.`, {
      hint: 'Choose a new or empty folder outside the stores.',
      details: { path: root, store: store.path, relation },
    });
  }
}
