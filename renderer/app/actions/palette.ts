import type { LucideIcon } from 'lucide-react';
import type { Action, ActionContext } from './types.ts';

/** A line of the palette. */
export interface PaletteEntry {
  id: string;
  name: string;
  group: string;
  icon: LucideIcon;
  shortcut: string | undefined;
  keywords: string;
  /** Why it cannot be done now. */
  because: string | undefined;
  run: () => void;
}

/** Everything the palette offers: actions as they are, actions about a store once a store (the chosen one first). */
export function paletteEntries(actions: readonly Action[], context: ActionContext): PaletteEntry[] {
  const stores =
    context.store === undefined
      ? context.stores
      : [context.store, ...context.stores.filter((each) => each.id !== context.store?.id)];
  return actions.flatMap((action): PaletteEntry[] => {
    if (action.id === 'palette.open') return [];
    const contexts = action.perStore === true ? stores.map((store) => ({ ...context, store })) : [context];
    return contexts.flatMap((each): PaletteEntry[] => {
      const availability = action.available(each);
      if (availability === false) return [];
      const store = action.perStore === true ? each.store : undefined;
      return [
        {
          id: store === undefined ? action.id : `${action.id}:${store.id}`,
          name: store === undefined ? action.name : `${action.name.replace(/…$/, '')} · ${store.name}`,
          group: store === undefined ? action.group : 'Stores',
          icon: action.icon,
          shortcut: store === undefined || store.id === context.store?.id ? action.shortcut : undefined,
          keywords: action.keywords ?? '',
          because: availability === true ? undefined : availability.because,
          run: () => action.run(each),
        },
      ];
    });
  });
}

/**
 * The entries a query finds, best first: every word must occur in the name or the keywords; a word that begins a word
 * of the name counts most. Without a query all entries, in their order.
 */
export function filterEntries(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries
    .map((entry) => ({ entry, score: scoreEntry(entry, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

function scoreEntry(entry: PaletteEntry, words: readonly string[]): number {
  const name = entry.name.toLowerCase();
  const keywords = entry.keywords.toLowerCase();
  let score = 0;
  for (const word of words) {
    if (name.startsWith(word)) score += 4;
    else if (name.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) score += 3;
    else if (name.includes(word)) score += 2;
    else if (keywords.includes(word)) score += 1;
    else return 0;
  }
  return score;
}
