import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Browser } from 'playwright-core';
import { openDesktop, openHeadless } from './shell.ts';
import type { RunningShell } from './shell.ts';
import { launchChromium } from './standin/chromium.ts';

export interface Larder {
  readonly page: Page;
  readonly shell: RunningShell;
  /** Larder's home of this test. */
  readonly home: string;
  /** A folder of this test for data. */
  readonly folder: string;
  /** Enters a folder into a folder field: by the native dialog on the desktop, by typing in a browser. */
  chooseFolder(field: Locator, path: string): Promise<void>;
  /** Names a file in the file field with this label: by the native dialog on the desktop, by typing in a browser. */
  chooseFile(within: Page | Locator, label: string, path: string): Promise<void>;
  /** Makes the sample store from the welcome page and waits until it is shown. */
  createSample(): Promise<string>;
  /** No violation that axe finds, in light and dark. */
  expectAccessible(): Promise<void>;
  /** Ends this Larder and starts another on the same home. */
  restart(): Promise<void>;
}

interface Fixtures {
  larder: Larder;
}

interface WorkerFixtures {
  chromium: Browser;
}

/** The test of a page, run in whichever shell the project names, with everything real behind it. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  chromium: [
    async ({}, use) => {
      const browser = await launchChromium();
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  larder: async ({ chromium }, use, info) => {
    const desktop = (info.project.metadata as { shell?: string }).shell === 'desktop';
    const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'larder-e2e-')));
    const home = join(temporary, 'home');
    const folder = join(temporary, 'data');
    mkdirSync(folder);
    const problems: string[] = [];
    const open = async (): Promise<RunningShell> => {
      const opened = await (desktop ? openDesktop : openHeadless)(chromium, home, temporary);
      opened.page.on('pageerror', (error) => problems.push(`page error: ${error.message}`));
      opened.page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`console: ${message.text()}`);
      });
      return opened;
    };
    const running = { shell: await open() };
    try {
      await use({
        get page() {
          return running.shell.page;
        },
        get shell() {
          return running.shell;
        },
        home,
        folder,
        async chooseFolder(field, path) {
          if (desktop) {
            running.shell.answerFolderDialog(path);
            // The button that belongs to this field.
            await field.locator('xpath=following::button[1]').click();
          } else {
            await field.fill(path);
          }
          await expect(field).toHaveValue(path);
        },
        async chooseFile(within, label, path) {
          const field = within.getByLabel(label, { exact: true });
          if (desktop) {
            running.shell.answerFolderDialog(path);
            await field.locator('xpath=following::button[1]').click();
            await expect(field).toHaveValue(path);
          } else {
            const folderLabel = `Folder of the ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
            await within.getByLabel(folderLabel).fill(dirname(path));
            await field.fill(basename(path));
          }
        },
        async createSample() {
          const { page } = running.shell;
          await page.getByRole('button', { name: 'Create the sample' }).click();
          await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
          return join(temporary, 'larder-sample', 'persistent_data');
        },
        async expectAccessible() {
          for (const theme of ['light', 'dark'] as const) {
            await setTheme(running.shell.page, theme);
            const { violations } = await new AxeBuilder({ page: running.shell.page }).analyze();
            expect(
              violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map((node) => node.html).join(' ')}`),
            ).toEqual([]);
          }
        },
        async restart() {
          await running.shell.close();
          running.shell = await open();
        },
      });
      expect(problems, 'errors in the page').toEqual([]);
      expect(running.shell.violations(), 'content policy').toEqual([]);
    } finally {
      await running.shell.close();
      rmSync(temporary, { recursive: true, force: true });
    }
  },
});

/** Shows the page in a theme the way the system's preference would, and waits until it is. */
async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

export { expect } from '@playwright/test';
