import { unknownMark } from './interpolate.ts';

/** A reference to an image, taken apart: `registry:port/path/name:tag@digest`. */
export interface ImageName {
  /** As written, variables filled in. */
  readonly text: string;
  /** Without registry, and without `library/`: `postgres`, `pgvector/pgvector`. */
  readonly repository: string;
  readonly registry?: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Part of the tag depends on a variable that is not set here. */
  readonly tagUnknown: boolean;
}

/** Takes an image's name apart (OCI distribution reference grammar); undefined when its repository cannot be known. */
export function parseImage(text: string): ImageName | undefined {
  const [named = '', digest] = text.split('@', 2);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (path === '' || path.includes(unknownMark)) {
    // A registry or mirror by variable, `${REGISTRY}/postgres:16`, still tells what the image is.
    const known = path.replace(/^[^/]*\u0000[^/]*\//, '');
    if (known === path || known === '' || known.includes(unknownMark)) return undefined;
    return parseImage(known + named.slice(path.length) + (digest === undefined ? '' : `@${digest}`));
  }
  const parts = path.split('/');
  const [first = ''] = parts;
  const hasRegistry = parts.length > 1 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const repository = (hasRegistry ? parts.slice(1) : parts)
    .join('/')
    .replace(/^library\//, '')
    .toLowerCase();
  const tagUnknown = tag?.includes(unknownMark) === true;
  return {
    text,
    repository,
    ...(hasRegistry ? { registry: first } : {}),
    ...(tag === undefined || tag === '' || tagUnknown ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    tagUnknown,
  };
}

/** What a tag says of the version: a major number, nothing in particular (`latest`), or something not to be read. */
export type TagVersion =
  { readonly kind: 'major'; readonly major: number } | { readonly kind: 'floating' } | { readonly kind: 'unknown' };

const floating =
  /^(?:latest|stable|edge|nightly|main|master|dev|alpine|bookworm|bullseye|trixie|slim|unprivileged)(?:[-.].*)?$/;

export function versionOf({ tag, digest, tagUnknown }: ImageName): TagVersion {
  if (tagUnknown) return { kind: 'unknown' };
  if (tag === undefined) return digest === undefined ? { kind: 'floating' } : { kind: 'unknown' };
  const inside = /(?:^|[-_.])pg(\d{1,3})(?:\D|$)/.exec(tag) ?? /^v?(\d{1,4})(?:[.\-_]|$)/.exec(tag);
  if (inside !== null) return { kind: 'major', major: Number(inside[1]) };
  if (floating.test(tag)) return digest === undefined ? { kind: 'floating' } : { kind: 'unknown' };
  return { kind: 'unknown' };
}
