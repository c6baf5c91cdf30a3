import type { Live } from '../../../shared/contract/index.ts';

/** Pages that are reached from another one, and belong to it. */
const belongsTo: Readonly<Record<string, string>> = { layout: '/stores', setup: '/stores' };

/** Whether the rail's `path` stands for the page at `location`, pages below it included. */
export function isCurrentPage(location: string, path: string): boolean {
  if (path === '/') return location === '/';
  const [, page = ''] = location.split('/');
  return belongsTo[page] === path || location === path || location.startsWith(`${path}/`);
}

/** One word for how up to date all stores together are: as good as the least of them. */
export function watchingWords(states: readonly Live['state'][]): string {
  if (states.includes('starting')) return 'starting';
  if (states.every((state) => state === 'live')) return 'live';
  if (states.every((state) => state === 'off')) return 'not live';
  return 'partly live';
}
