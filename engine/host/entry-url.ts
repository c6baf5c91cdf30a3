/**
 * URL of another entry, given relative to the calling entry and without extension: `.ts` when running from source, `.js`
 * when built. The build keeps entries at the same places relative to each other.
 */
export function entryUrl(from: string, relative: string): URL {
  return new URL(relative + (from.endsWith('.ts') ? '.ts' : '.js'), from);
}
