import type { Store, StoreRulesChange } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import type { ErrorData } from '../../../shared/contract/index.ts';

/** Settles some of the rules of a store; `then` runs once they are. */
export type RulesChange = (rules: StoreRulesChange, then?: () => void) => void;

export function useRules(store: Store): { change: RulesChange; busy: boolean; error: ErrorData | undefined } {
  const update = useAction('stores.update');
  return {
    change: (rules, then) =>
      update.mutate(
        { store: store.id, rules },
        {
          onSuccess: () => {
            then?.();
          },
        },
      ),
    busy: update.isPending,
    error: update.isError ? errorData(update.error) : undefined,
  };
}
