/** Whether `inner` is `outer` or lies below it. Both are real absolute paths of the same machine. */
export function isInside(outer: string, inner: string): boolean {
  if (outer === inner) return true;
  const separator = outer.includes('\\') && !outer.startsWith('/') ? '\\' : '/';
  return inner.startsWith(outer.endsWith(separator) ? outer : outer + separator);
}

/** How two roots relate; undefined when they share nothing. */
export function overlap(candidate: string, existing: string): 'same' | 'inside' | 'contains' | undefined {
  if (candidate === existing) return 'same';
  if (isInside(existing, candidate)) return 'inside';
  if (isInside(candidate, existing)) return 'contains';
  return undefined;
}
