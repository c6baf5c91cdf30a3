import { useEffect, useSyncExternalStore } from 'react';
import type { Settings } from '../../shared/contract/index.ts';

const darkQuery = '(prefers-color-scheme: dark)';
const rememberedAs = 'larder.theme';

export type Theme = Settings['theme'];

/** What a chosen theme means on a system that is dark or not. */
export function resolveTheme(theme: Theme, systemIsDark: boolean): 'light' | 'dark' {
  if (theme === 'system') return systemIsDark ? 'dark' : 'light';
  return theme;
}

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = resolveTheme(theme, matchMedia(darkQuery).matches);
}

/** Before the settings are known: as last time here, else as the system. So that the first frame does not flash. */
export function showRememberedTheme(): void {
  let theme: Theme = 'system';
  try {
    const remembered = localStorage.getItem(rememberedAs);
    if (remembered === 'light' || remembered === 'dark') theme = remembered;
  } catch {
    // Storage is switched off in this browser: the system's theme it is.
  }
  show(theme);
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(rememberedAs, theme);
  } catch {
    // Only the next first frame would have gained by it.
  }
}

/** Shows the theme of the settings; `system` follows the system while the page is open. */
export function useTheme(theme: Theme | undefined): void {
  const systemIsDark = useSyncExternalStore(
    (listener) => {
      const query = matchMedia(darkQuery);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(darkQuery).matches,
  );
  useEffect(() => {
    if (theme === undefined) return;
    document.documentElement.dataset['theme'] = resolveTheme(theme, systemIsDark);
    remember(theme);
  }, [theme, systemIsDark]);
}
