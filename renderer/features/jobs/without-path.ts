import { displayName } from '../../../shared/path-text.ts';

/** What is said of a path without the path in front, where that stands above it already. */
export function withoutPath(message: string, path: string): string {
  const lead = `${displayName(path)}: `;
  return path !== '' && message.startsWith(lead) ? message.slice(lead.length) : message;
}
