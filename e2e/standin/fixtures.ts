import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { launchDesktop, startDesktop } from './launch.ts';
import type { Desktop, DesktopOptions, StartedDesktop } from './launch.ts';

interface Fixtures {
  /** A folder of the test's own, removed afterwards. */
  readonly folder: string;
  /** `LARDER_HOME` of the desktops of this test, in `folder`; not made yet. */
  readonly home: string;
  /** Runs the desktop shell and waits for its window; it is closed after the test. */
  readonly launch: (options?: Partial<DesktopOptions>) => Promise<Desktop>;
  /** Runs the desktop shell, window or not; it is closed after the test. */
  readonly start: (options?: Partial<DesktopOptions>) => Promise<StartedDesktop>;
  /** The desktop shell in its usual state. */
  readonly desktop: Desktop;
}

interface WorkerFixtures {
  /** One Chromium for all windows of a worker; each application has a context of its own. */
  readonly chromiumBrowser: Browser;
}

/** Playwright's `test` with the stand-in's desktop. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  chromiumBrowser: [
    // Playwright reads from this pattern which fixtures one needs; this one needs none.
    async ({}, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  async folder({}, use) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'larder-desktop-')));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  async home({ folder }, use) {
    await use(join(folder, 'home'));
  },
  async launch({ home, chromiumBrowser }, use) {
    const opened: Desktop[] = [];
    await use(async (options) => {
      const desktop = await launchDesktop({ home, browser: chromiumBrowser, ...options });
      opened.push(desktop);
      return desktop;
    });
    for (const desktop of opened) await desktop.close();
  },
  async start({ home, chromiumBrowser }, use) {
    const opened: StartedDesktop[] = [];
    await use(async (options) => {
      const started = await startDesktop({ home, browser: chromiumBrowser, ...options });
      opened.push(started);
      return started;
    });
    for (const started of opened) await started.close();
  },
  async desktop({ launch }, use) {
    await use(await launch());
  },
});
