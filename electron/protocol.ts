import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from '../engine/fs/index.ts';
import { isInterfaceUrl } from './address.ts';
import { securityHeaders } from './content-policy.ts';
import { isWithin } from './within.ts';

/** The types of file a build of the interface consists of. Anything else is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * The file below `root` that a URL of the interface names, or undefined when it names none.
 *
 * The path is decoded once and must then lie inside `root`, told by `path.relative` rather than by a prefix, so that
 * neither `..` in any encoding nor a sibling folder of a similar name gets out. The interface has one document; where in
 * it one is stands behind `#` and never arrives here.
 */
export function fileFor(root: string, url: string): string | undefined {
  if (!isInterfaceUrl(url)) return undefined;
  let decoded: string;
  try {
    decoded = decodeURIComponent(new URL(url).pathname);
  } catch {
    return undefined;
  }
  // A backslash and a colon separate paths, drives and streams on Windows; a NUL ends a path everywhere.
  if (/[\0\\:]/.test(decoded)) return undefined;
  if (decoded.split('/').some((segment) => segment === '..' || segment === '.')) return undefined;
  const named = path.resolve(root, `./${decoded}`);
  if (!isWithin(root, named)) return undefined;
  return named === path.resolve(root) ? path.join(root, 'index.html') : named;
}

function refusal(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  });
}

/**
 * The handler of `app://ui/`: answers GET and HEAD with files of the built interface in `root`, and nothing else.
 * A symbolic link that leads out of `root` is not followed.
 */
export function createProtocolHandler(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refusal(405, 'Only GET and HEAD are answered.', { Allow: 'GET, HEAD' });
    }
    const notFound = refusal(404, 'There is no such page.');
    const file = fileFor(root, request.url);
    if (file === undefined) return notFound;
    const contentType = contentTypes[path.extname(file).toLowerCase()];
    if (contentType === undefined) return notFound;
    try {
      const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)]);
      if (!isWithin(realRoot, realFile) || !(await stat(realFile)).isFile()) return notFound;
      const body = await readFile(realFile);
      return new Response(request.method === 'HEAD' ? null : body, {
        status: 200,
        headers: { ...securityHeaders, 'Content-Type': contentType, 'Content-Length': String(body.byteLength) },
      });
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EACCES', 'ELOOP', 'EISDIR')) return notFound;
      return refusal(500, 'The file could not be read.');
    }
  };
}
