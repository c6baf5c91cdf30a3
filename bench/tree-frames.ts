import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openHeadless } from '../e2e/shell.ts';
import { launchChromium } from '../e2e/standin/chromium.ts';
import { buildIfNeeded } from '../scripts/build.ts';
import { dataSet } from './data-set.ts';

/**
 * How evenly the tree of a store with a million files moves: `node bench/tree-frames.ts`. It opens every folder, scrolls
 * in several ways in a real Chromium, and prints the time between frames and the work that kept the page longer than
 * 50 ms. Without a graphics card the browser paints by processor, so that figures of a desktop are better than these.
 */

const wide = dataSet('tree-wide', (line) => console.error(line));
await buildIfNeeded();
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'larder-frames-')));
const browser = await launchChromium();
const shell = await openHeadless(browser, join(temporary, 'home'), temporary);
const { page } = shell;

interface Frames {
  readonly frames: number[];
  readonly longTasks: number[];
}

/** Runs `step` before each frame for `frames` frames and notes the time between them. */
async function measure(page: Page, how: string, frames: number, step: string): Promise<void> {
  const taken = await page.evaluate(
    async ([count, source]): Promise<Frames> => {
      const list = document.querySelector('[role="treegrid"]');
      if (list === null) throw new Error('There is no tree.');
      const move = new Function('list', 'frame', source) as (list: Element, frame: number) => void;
      const longTasks: number[] = [];
      const observer = new PerformanceObserver((entries) => {
        for (const entry of entries.getEntries()) longTasks.push(entry.duration);
      });
      observer.observe({ entryTypes: ['longtask'] });
      const times: number[] = [];
      await new Promise<void>((resolve) => {
        let frame = 0;
        const next = (at: number): void => {
          times.push(at);
          if (frame === count) {
            resolve();
            return;
          }
          move(list, frame);
          frame += 1;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      });
      observer.disconnect();
      return { frames: times.slice(1).map((at, index) => at - (times[index] ?? at)), longTasks };
    },
    [frames, step] as const,
  );
  const sorted = taken.frames.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  const late = sorted.filter((each) => each > 25).length;
  console.log(
    `${how.padEnd(44)} median ${at(0.5)} ms, p95 ${at(0.95)}, longest ${at(1)}, ${late} of ${sorted.length} late, ` +
      `long tasks ${taken.longTasks.length === 0 ? 'none' : taken.longTasks.map((each) => Math.round(each)).join(' ')}`,
  );
}

/** What stands in the last row. */
async function lastRow(): Promise<string> {
  await page.getByRole('treegrid').focus();
  await page.keyboard.press('End');
  const row = page.locator('[role="treegrid"] [role="row"]').last();
  await row.locator('[role="checkbox"]').waitFor({ timeout: 60_000 });
  return `row ${await row.getAttribute('aria-rowindex')} of ${await page.getByRole('treegrid').getAttribute('aria-rowcount')}`;
}

try {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a store' });
  await dialog.getByRole('textbox', { name: 'Folder', exact: true }).fill(wide);
  await dialog.getByRole('button', { name: 'Add store' }).click();
  await page.getByRole('treegrid').waitFor({ timeout: 300_000 });
  await page.getByText('Live', { exact: true }).first().waitFor({ timeout: 300_000 });
  await page.getByRole('treegrid').focus();
  // Every folder, from the last up, so that none moves before it is opened.
  await page.getByRole('button', { name: 'Name', exact: true }).click();
  await page.getByRole('treegrid').focus();
  const started = performance.now();
  await page.keyboard.press('End');
  for (let folder = 0; folder < 202; folder += 1) {
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
  }
  await page.waitForFunction(
    () => Number(document.querySelector('[role="treegrid"]')?.getAttribute('aria-rowcount')) >= 1_000_000,
    undefined,
    { timeout: 120_000 },
  );
  console.log(`202 folders opened by keyboard in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  const end = performance.now();
  console.log(`End: ${await lastRow()} after ${Math.round(performance.now() - end)} ms`);
  await page.keyboard.press('Home');
  await page.waitForTimeout(1_000);
  await measure(page, 'standing still', 120, '');
  await measure(page, 'slowly, 3 px a frame', 300, 'list.scrollTop += 3');
  await measure(page, 'a wheel, 40 px a frame', 300, 'list.scrollTop += 40');
  await measure(page, 'fast, 400 px a frame', 300, 'list.scrollTop += 400');
  await measure(page, 'back, 400 px a frame', 300, 'list.scrollTop -= 400');
  await measure(
    page,
    'the bar dragged through all',
    300,
    'list.scrollTop = (list.scrollHeight - list.clientHeight) * frame / 299',
  );
  await measure(
    page,
    'the bar dragged here and there',
    300,
    'list.scrollTop = (list.scrollHeight - list.clientHeight) * ((frame * 7919) % 1000) / 1000',
  );
} finally {
  await shell.close();
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
