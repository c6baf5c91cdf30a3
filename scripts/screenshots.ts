import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openHeadless } from '../e2e/shell.ts';
import { launchChromium } from '../e2e/standin/chromium.ts';
import { buildIfNeeded } from './build.ts';
import { root } from './root.ts';

/** `npm run screenshots`: makes the pictures in docs/screenshots from the present build, on a fresh sample store. */
const out = join(root, 'docs/screenshots');
await buildIfNeeded();
mkdirSync(out, { recursive: true });
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'home-')));
const browser = await launchChromium();
const shell = await openHeadless(browser, join(temporary, 'home'), temporary);
const { page } = shell;

/** Waits until nothing is loading and everything is drawn. */
async function settled(): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  });
}

async function picture(name: string, dark = false): Promise<void> {
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.mouse.move(0, 0);
  await settled();
  await page.screenshot({ path: join(out, `${name}-${dark ? 'dark' : 'light'}.png`) });
}

/** Puts every notification away. */
async function dismissToasts(): Promise<void> {
  const close = page.getByRole('region', { name: 'Notifications' }).getByRole('button', { name: /^(Close|Dismiss)/ });
  while ((await close.count()) > 0) await close.first().click();
}

async function goTo(target: Page, name: string): Promise<void> {
  await target.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
  await target.getByRole('heading', { level: 1, name }).waitFor();
}

async function backUp(note: string): Promise<void> {
  await goTo(page, 'Overview');
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /note/i }).fill(note);
  await dialog.getByRole('button', { name: 'Back up now' }).click();
  await page
    .getByRole('region', { name: 'Notifications' })
    .getByText(/Back(ed)? up/)
    .first()
    .waitFor();
  await page.getByText('Protected', { exact: true }).first().waitFor();
}

try {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('heading', { name: 'Welcome to Larder' }).waitFor();
  await picture('welcome');
  await page.getByRole('button', { name: 'Create the sample' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await backUp('before retraining NVDA');
  const store = join(temporary, 'larder-sample', 'persistent_data');
  const config = join(store, 'config', 'ml_config.json');
  writeFileSync(config, '{ "retrained": true }\n');
  utimesSync(config, new Date(), new Date());
  rmSync(join(store, 'scalers'), { recursive: true });
  await dismissToasts();
  await goTo(page, 'Overview');
  // The growth chart begins with the second note of sizes, a minute after the first.
  await page.locator('canvas').first().waitFor({ timeout: 120_000 });
  await picture('overview');
  await picture('overview', true);
  await goTo(page, 'Backups');
  await picture('backups');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Restore', exact: true }).click();
  for (const name of ['config', 'scalers']) {
    await page.getByRole('treegrid').getByRole('row').filter({ hasText: name }).getByRole('checkbox').click();
  }
  await page.getByRole('button', { name: /^Restore \d+ items$/ }).waitFor();
  await picture('restore');
  await picture('restore', true);
  await goTo(page, 'Stores');
  await page.getByRole('link', { name: 'persistent_data', exact: true }).click();
  await picture('store');
  // Its name tells how much is wrong, too.
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: /^Health/ })
    .click();
  await page.getByRole('button', { name: 'Run all now' }).first().waitFor();
  await picture('health');
  await picture('health', true);
  console.log(`Pictures are in ${out}.`);
} finally {
  await shell.close();
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
