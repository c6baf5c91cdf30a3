import { expect } from '@playwright/test';
import type { Bridge } from '../shared/client/index.ts';
import { test } from './standin/fixtures.ts';
import { findElectron, launchRealElectron } from './standin/real.ts';

/* What the stand-in cannot vouch for: that the real Electron does with the built shell what the stand-in says it does. */

test('the real Electron shows the interface, sandboxed, at its own address', async ({ home }) => {
  const found = findElectron();
  test.skip('unavailable' in found, 'unavailable' in found ? found.unavailable : '');
  if ('unavailable' in found) return;
  const desktop = await launchRealElectron({ program: found.program, home });
  try {
    const { page, application } = desktop;
    await expect(page).toHaveTitle(/Larder/);
    expect(await page.evaluate(() => location.origin)).toBe('app://ui');
    expect(await page.evaluate(() => ['require', 'process', 'Buffer'].filter((name) => name in globalThis))).toEqual(
      [],
    );
    const reply = await page.evaluate(() =>
      (window as unknown as { larder: Bridge }).larder.request(
        JSON.stringify({ t: 'call', id: 'real', name: 'stores.list', input: {} }),
      ),
    );
    expect(JSON.parse(reply)).toMatchObject({ t: 'result', id: 'real' });
    const frozen = await page.evaluate(() => Object.isFrozen((window as unknown as { larder: Bridge }).larder));
    expect(frozen).toBe(true);

    const response = await page.evaluate(async () => {
      const { status, headers } = await fetch('/..%2felectron%2fmain.js');
      return { status, policy: headers.get('content-security-policy') };
    });
    expect(response.status).toBe(404);
    expect(response.policy).toContain("default-src 'none'");

    await page.evaluate(() => {
      location.href = 'https://evil.example/';
      window.open('https://evil.example/');
    });
    await expect.poll(() => application.windows().length).toBe(1);
    expect(page.url()).toMatch(/^app:\/\/ui\//);
    expect(await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(desktop.violations()).toEqual([]);
  } finally {
    await desktop.close();
  }
});
