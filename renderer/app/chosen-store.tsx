import { createContext, use, useMemo, useState, type ReactNode } from 'react';
import { useRoute } from 'wouter';
import type { Store } from '../../shared/contract/index.ts';
import { useStores } from '../data/index.ts';
import { decodeSegment } from './paths.ts';

interface Choice {
  /** The store the page is about: that of a store's own page, else the one chosen in the top bar; undefined for all. */
  store: Store | undefined;
  choose: (id: string | undefined) => void;
}

const ChoiceContext = createContext<Choice>({ store: undefined, choose: () => {} });

/** Remembers which store the person chose in the top bar; pages that can be about one store follow it. */
export function ChosenStoreProvider({ children }: { children: ReactNode }): ReactNode {
  const [chosen, choose] = useState<string>();
  const [, params] = useRoute('/stores/:store/*?');
  const { data } = useStores();
  const id = params?.store === undefined ? chosen : decodeSegment(params.store);
  const store = data?.stores.find((each) => each.id === id);
  const value = useMemo(() => ({ store, choose }), [store]);
  return <ChoiceContext value={value}>{children}</ChoiceContext>;
}

export function useChosenStore(): Choice {
  return use(ChoiceContext);
}
