import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticPath } from './static-files.ts';
import { startHarness } from './testing/harness.ts';
import type { Harness } from './testing/harness.ts';
import { ask } from './testing/http.ts';

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.close());

describe('static files', () => {
  it('are served with their type and how long they may be kept', async () => {
    const page = await h.get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Larder</title>');
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    const script = await h.get('/assets/app-1234.js?x=1');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'max-age=31536000, immutable',
    });
    expect((await h.get('/empty.txt')).status).toBe(200);
  });

  it('of a kind that is not known are for saving, never shown', async () => {
    const answer = await h.get('/assets/odd.xyz');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
    });
  });

  it("gives the page for the interface's own addresses", async () => {
    expect((await h.get('/stores/abc')).text).toContain('<title>Larder</title>');
    expect((await h.get('/assets/folder')).text).toContain('<title>Larder</title>');
    expect((await h.get('/assets/missing.js')).status).toBe(404);
  });

  it('answers HEAD without a body', async () => {
    const answer = await ask(h.server.port, { method: 'HEAD', path: '/' });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets//etc/passwd.txt',
    '/assets/link.txt',
    '/.hidden.txt',
    '/%00.txt',
    '/%zz.txt',
    '/c:/x.txt',
    `/${'a'.repeat(5_000)}.txt`,
  ])('does not serve %s', async (path) => {
    const answer = await h.get(path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('secret');
    expect(answer.text).not.toContain(h.dir);
  });

  it('leaves no defect behind', () => {
    expect(h.defects).toEqual([]);
  });
});

describe('staticPath', () => {
  it.each([
    ['/', ''],
    ['/a/b.js', 'a/b.js'],
    ['/a/', 'a'],
    ['/a?b=/../c', 'a'],
    ['/a%20b', 'a b'],
    ['/a/../b', undefined],
    ['//a', undefined],
    ['/a//b', undefined],
  ])('%s → %s', (target, path) => {
    expect(staticPath(target)).toBe(path);
  });
});
