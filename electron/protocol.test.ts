import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../shared/content-policy.ts';
import { createProtocolHandler, fileFor } from './protocol.ts';
import { isWithin } from './within.ts';

const root = path.resolve('/srv/larder/renderer');

describe('fileFor', () => {
  it.each([
    ['app://ui/', 'index.html'],
    ['app://ui', 'index.html'],
    ['app://ui/?x=1#/stores', 'index.html'],
    ['app://ui/stores', 'stores'],
    ['app://ui/assets/main.js', 'assets/main.js'],
    ['app://ui//assets//main.js', 'assets/main.js'],
    ['app://ui/assets/caf%C3%A9.css', 'assets/café.css'],
    // A URL parser resolves plain and encoded dots itself, within the root.
    ['app://ui/assets/../main.js', 'main.js'],
    ['app://ui/%2e%2e/%2e%2e/main.js', 'main.js'],
  ])('finds %s', (url, file) => {
    expect(fileFor(root, url)).toBe(path.join(root, file));
  });

  it.each([
    'app://other/main.js',
    'app://ui.evil/main.js',
    'app://ui:80/main.js',
    'app://user@ui/main.js',
    'https://ui/main.js',
    'file:///etc/passwd',
    'app:ui/main.js',
    '',
    'app://ui/..%2f..%2fsecret.js',
    'app://ui/..%2Frenderer-other/secret.js',
    'app://ui/a/%2e%2e%2f%2e%2e%2fsecret.js',
    'app://ui/%5c..%5csecret.js',
    'app://ui/c%3a/secret.js',
    'app://ui/main.js%00.html',
    'app://ui/%ff.js',
    'app://ui/%',
  ])('refuses %s', (url) => {
    expect(fileFor(root, url)).toBeUndefined();
  });

  it('never leaves the root, whatever the URL', () => {
    const pieces = fc.constantFrom(
      ...[
        '..',
        '.',
        '/',
        '//',
        '%2e',
        '%2E%2e',
        '%2f',
        '%2F',
        '%5c',
        '\\',
        '%00',
        '%252e',
        'a',
        'b.js',
        '~',
        'C:',
        '%ff',
      ],
      ...['renderer', 'etc', 'passwd', '\u2025', '\uFF0F', '?', '#', ';', '@', 'é'],
    );
    const tails = fc.oneof(
      fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.webPath(),
    );
    const heads = fc.constantFrom('app://ui/', 'app://ui', 'app://ui//', 'app:///', 'app://UI/', 'app://x/');
    fc.assert(
      fc.property(heads, tails, (head, tail) => {
        const file = fileFor(root, head + tail);
        if (file !== undefined) expect(isWithin(root, file)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('createProtocolHandler', () => {
  let folder = '';
  let handle: (request: Request) => Promise<Response>;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'larder-protocol-'));
    const ui = path.join(folder, 'ui');
    mkdirSync(path.join(ui, 'assets'), { recursive: true });
    mkdirSync(path.join(ui, 'folder.js'));
    writeFileSync(path.join(ui, 'index.html'), '<!doctype html><p>Larder</p>');
    writeFileSync(path.join(ui, 'assets', 'main.js'), 'export {};');
    writeFileSync(path.join(ui, 'notes.txt'), 'not part of the interface');
    writeFileSync(path.join(folder, 'secret.js'), 'secret');
    symlinkSync(path.join(folder, 'secret.js'), path.join(ui, 'link.js'));
    symlinkSync(folder, path.join(ui, 'out'));
    handle = createProtocolHandler(ui);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const get = (url: string, method = 'GET'): Promise<Response> => handle(new Request(url, { method }));

  it('answers with the file, its type and every header of the policy', async () => {
    const response = await get('app://ui/assets/main.js');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('export {};');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('content-length')).toBe('10');
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('has the policy of the design, to the letter', () => {
    expect(contentSecurityPolicy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    );
  });

  it('answers the bare address with the document', async () => {
    expect(await (await get('app://ui/?a#/stores')).text()).toContain('Larder');
  });

  it('answers HEAD without a body', async () => {
    const response = await get('app://ui/', 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('28');
    expect(await response.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
    const response = await get('app://ui/', method);
    expect(response.status).toBe(405);
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
  });

  it.each([
    ['a file that is not there', 'app://ui/assets/none.js'],
    ['a type that is not served', 'app://ui/notes.txt'],
    ['a folder', 'app://ui/folder.js'],
    ['a name without a type', 'app://ui/stores'],
    ['a link to a file outside', 'app://ui/link.js'],
    ['a way through a link to a folder outside', 'app://ui/out/secret.js'],
    ['a file as a folder', 'app://ui/index.html/x.js'],
    ['a name too long', `app://ui/${'a'.repeat(300)}.js`],
    ['an encoded way out', 'app://ui/..%2fsecret.js'],
    ['another host', 'app://elsewhere/index.html'],
  ])('does not find %s', async (_what, url) => {
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
    expect(await response.text()).toBe('There is no such page.');
  });
});
