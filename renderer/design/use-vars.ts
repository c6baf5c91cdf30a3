import { useCallback, useLayoutEffect, useRef } from 'react';

/**
 * Sets CSS custom properties on an element: the one way by which a value that is data (a bar's share, a row's offset)
 * reaches a style sheet. It goes through the CSSOM, which the content security policy allows, and leaves all styling
 * in CSS Modules.
 */
export function useVars<E extends HTMLElement>(
  vars: Readonly<Record<`--${string}`, string>>,
): (element: E | null) => void {
  const elementRef = useRef<E | null>(null);
  const text = JSON.stringify(vars);
  useLayoutEffect(() => {
    const element = elementRef.current;
    if (element !== null) setVars(element, vars);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `text` is `vars` by value
  }, [text]);
  return useCallback((element: E | null) => {
    elementRef.current = element;
  }, []);
}

/** Sets CSS custom properties on an element once. */
export function setVars(element: HTMLElement, vars: Readonly<Record<`--${string}`, string>>): void {
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(name, value);
}
