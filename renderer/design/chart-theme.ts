import { useEffect, useState } from 'react';

/** The value of `data-theme`, followed as it changes. */
export function useThemeName(): string {
  const [name, setName] = useState(() => document.documentElement.dataset['theme'] ?? '');
  useEffect(() => {
    const observer = new MutationObserver(() => setName(document.documentElement.dataset['theme'] ?? ''));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return name;
}

/** Reads tokens as they are now: a canvas cannot use `var(…)`. */
export function themeToken(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

export function chartFont(token: (name: string) => string): { family: string; size: number } {
  return { family: token('--font'), size: 11 };
}

/** Whether the person asked for no motion. */
export function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
