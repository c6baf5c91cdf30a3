import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** Served for what the map does not know; browsers save it and do not show it. */
const unknownType = 'application/octet-stream';

/**
 * The path below the folder that a request target names, `/`-separated, or undefined when it names none: badly encoded,
 * leading out of the folder, hidden, or with characters that mean something to a file system.
 */
export function staticPath(target: string): string | undefined {
  const [encoded = '/'] = target.split(/[?#]/, 1);
  let decoded: string;
  try {
    decoded = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  if (/[\0-\x1f\\:]/.test(decoded)) return undefined;
  const parts = decoded.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  if (parts.some((part) => part === '' || part.startsWith('.'))) return undefined;
  return parts.join('/');
}

export interface StaticFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly headers: Record<string, string>;
}

async function openContained(root: string, path: string): Promise<{ handle: FileHandle; bytes: number } | undefined> {
  const named = join(root, ...path.split('/'));
  let handle: FileHandle | undefined;
  try {
    // The real path decides: a link inside the folder must not lead out of it.
    const real = await realpath(named);
    const inside = relative(root, real);
    if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside)) return undefined;
    handle = await open(real, 'r');
    const stat = await handle.stat();
    if (stat.isFile()) return { handle, bytes: stat.size };
    await handle.close();
    return undefined;
  } catch {
    // Not there, not readable, a name too long: to a browser it is all the same, not found.
    await handle?.close();
    return undefined;
  }
}

/**
 * Opens the built interface's file for a request target; the caller closes the handle. Undefined: not found.
 *
 * A path without an extension is one of the interface's own addresses and gets its page. Folders are never listed.
 */
export async function openStatic(root: string, target: string): Promise<StaticFile | undefined> {
  const path = staticPath(target);
  if (path === undefined) return undefined;
  const page = path === '' || extname(path) === '';
  const name = page ? 'index.html' : path;
  const file = await openContained(root, name);
  if (file === undefined) return undefined;
  const type = mimeTypes[extname(name).toLowerCase()];
  return {
    ...file,
    headers: {
      'content-type': type ?? unknownType,
      ...(type === undefined ? { 'content-disposition': 'attachment' } : {}),
      // Names in assets/ carry a digest of their content; everything else may change with an update.
      'cache-control': name.startsWith('assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    },
  };
}
