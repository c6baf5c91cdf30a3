import { isBelow } from './folder-view.ts';

/**
 * A glob that fits one path of a store and nothing else. What globs give a meaning stands in brackets. One without a
 * `/` would fit that name at any depth, so what lies directly in the root begins with one.
 */
export function globOf(path: string): string {
  const escaped = path.replace(/[*?[]/g, '[$&]');
  return path.includes('/') ? escaped : `/${escaped}`;
}

/** A store's exclusions as a question: the glob that leaves a path out, itself or with a folder above it. */
export function exclusions(globs: readonly string[]): (path: string) => string | undefined {
  const rules = globs.flatMap((glob) => {
    const fits = expressionOf(glob);
    return fits === undefined ? [] : [{ glob, fits }];
  });
  const known = new Map<string, string | undefined>();
  const ask = (path: string): string | undefined => {
    if (path === '') return undefined;
    if (known.has(path)) return known.get(path);
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const found = ask(above) ?? rules.find(({ fits }) => fits.test(path))?.glob;
    known.set(path, found);
    return found;
  };
  return rules.length === 0 ? () => undefined : ask;
}

/** `**` any folders, `*` and `?` within one name, `[a-z]` one character of it. Undefined where it means nothing: `[z-a]`. */
function expressionOf(glob: string): RegExp | undefined {
  const rooted = glob.startsWith('/') ? glob.slice(1) : glob;
  const parts = rooted.split(/(\*\*\/|\/\*\*$|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\])/);
  const body = parts.map((part, index) => (index % 2 === 0 ? literal(part) : meaning(part))).join('');
  try {
    return new RegExp(`^${glob.includes('/') ? '' : '(?:.*/)?'}${body}$`, 's');
  } catch {
    return undefined;
  }
}

function meaning(part: string): string {
  switch (part) {
    case '**/':
      return '(?:.*/)?';
    case '/**':
      return '/.*';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
    default: {
      const negated = /^\[[!^]/.test(part);
      const inside = part.slice(negated ? 2 : 1, -1).replace(/[\\\][^]/g, '\\$&');
      return `[${negated ? '^/' : ''}${inside}]`;
    }
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The exclusions with these paths left out of backups too. */
export function withExcluded(globs: readonly string[], paths: readonly string[]): string[] {
  const outer = paths.filter((path) => !paths.some((other) => isBelow(path, other)));
  return [...new Set([...globs, ...outer.map(globOf)])];
}

/** The exclusions without those that name exactly these paths. */
export function withoutExcluded(globs: readonly string[], paths: readonly string[]): string[] {
  const gone = new Set(paths.map(globOf));
  return globs.filter((glob) => !gone.has(glob));
}
