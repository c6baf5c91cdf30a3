/** The row a key leads to in a list of `count` rows, or undefined when the key is not one of the list's. */
export function nextRow(key: string, active: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined;
  const within = (index: number): number => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case 'ArrowDown':
      return within(active + 1);
    case 'ArrowUp':
      return active < 0 ? count - 1 : within(active - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'PageDown':
      return within(active + page);
    case 'PageUp':
      return within(active - page);
    default:
      return undefined;
  }
}
