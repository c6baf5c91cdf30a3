import { useQueryClient } from '@tanstack/react-query';
import type { Output, Store, StoreRules } from '../../../shared/contract/index.ts';
import { errorData, useAction } from '../../data/index.ts';
import { useToast } from '../../design/index.ts';
import { withExcluded, withoutExcluded } from './exclusion.ts';

export interface StoreRulesActions {
  /** Leaves paths out of backups; `what` names them to a person. */
  exclude: (paths: readonly string[], what: string) => void;
  /** Takes in again what {@link exclude} left out. */
  include: (paths: readonly string[], what: string) => void;
  crossMounts: (crossMounts: boolean) => void;
}

/** Changes to the rules of a store, each with a way back. */
export function useStoreRules(store: Store): StoreRulesActions {
  const queries = useQueryClient();
  const toast = useToast();
  const update = useAction('stores.update');

  // A way back may be taken long after; what was changed in between stays.
  const rulesNow = (): StoreRules =>
    queries.getQueryData<Output<'stores.list'>>(['stores.list', {}])?.stores.find((each) => each.id === store.id)
      ?.rules ?? store.rules;
  const change = (rules: Partial<StoreRules>, said: { title: string; text?: string; undo?: () => void }): void =>
    update.mutate(
      { store: store.id, rules },
      {
        onSuccess: () =>
          toast({
            tone: 'info',
            title: said.title,
            text: said.text,
            ...(said.undo === undefined ? {} : { action: { label: 'Undo', run: said.undo } }),
          }),
        onError: (error) => toast({ tone: 'bad', title: 'The rule was not changed', text: errorData(error).message }),
      },
    );
  const exclude = (paths: readonly string[], what: string, undone = false): void =>
    change(
      { exclude: withExcluded(rulesNow().exclude, paths) },
      undone
        ? { title: `${what}: left out of backups again` }
        : {
            title: `${what}: left out of backups from now on`,
            text: 'Backups made before still hold it.',
            undo: () => include(paths, what, true),
          },
    );
  const include = (paths: readonly string[], what: string, undone = false): void =>
    change(
      { exclude: withoutExcluded(rulesNow().exclude, paths) },
      {
        title: `${what}: in backups again`,
        ...(undone ? {} : { undo: () => exclude(paths, what, true) }),
      },
    );
  const crossMounts = (on: boolean, undone = false): void =>
    change(
      { crossMounts: on },
      {
        title: on
          ? 'Other file systems inside are counted and backed up, too'
          : 'Other file systems inside are left out',
        ...(undone ? {} : { undo: () => crossMounts(!on, true) }),
      },
    );
  return {
    exclude: (paths, what) => exclude(paths, what),
    include: (paths, what) => include(paths, what),
    crossMounts: (on) => crossMounts(on),
  };
}
