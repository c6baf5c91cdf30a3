import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const devtools = await page.context().newCDPSession(page);
// Processor time: what else the machine does lengthens frames, and hardly the work in them.
await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });

/** What the page's own thread has worked so far, in ms of processor time. */
async function worked(): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}

interface Frames {
  readonly frames: number[];
  readonly longTasks: number[];
}

/** What is done before each frame: so many pixels on, or the bar taken to another place. */
type Move = { by: number } | 'through' | 'about';
const measured = 300;

/** Moves before each frame and notes the time between frames. */
async function measure(how: string, move: Move): Promise<void> {
  const before = await worked();
  const taken = await page.evaluate(
    async ([count, asked]): Promise<Frames> => {
      const list = document.querySelector('[role="treegrid"]');
      if (list === null) throw new Error('There is no tree.');
      const step = (frame: number): void => {
        const most = list.scrollHeight - list.clientHeight;
        if (asked === 'through') list.scrollTop = (most * frame) / (count - 1);
        else if (asked === 'about') list.scrollTop = (most * ((frame * 7_919) % 1_000)) / 1_000;
        else if (asked.by !== 0) list.scrollTop += asked.by;
      };
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
          step(frame);
          frame += 1;
          requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      });
      observer.disconnect();
      return { frames: times.slice(1).map((at, index) => at - (times[index] ?? at)), longTasks };
    },
    [measured, move] as const,
  );
  const work = (await worked()) - before;
  const sorted = taken.frames.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  const late = sorted.filter((each) => each > 25).length;
  console.log(
    `${how.padEnd(44)} median ${at(0.5)} ms, p95 ${at(0.95)}, longest ${at(1)}, ${late} of ${sorted.length} late, ` +
      `work ${(work / measured).toFixed(1)} ms a frame, long tasks ${taken.longTasks.length === 0 ? 'none' : taken.longTasks.map((each) => Math.round(each)).join(' ')}`,
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
  await measure('standing still', { by: 0 });
  await measure('slowly, 3 px a frame', { by: 3 });
  await measure('a wheel, 40 px a frame', { by: 40 });
  await measure('fast, 400 px a frame', { by: 400 });
  await measure('back, 400 px a frame', { by: -400 });
  await measure('the bar dragged through all', 'through');
  await measure('the bar dragged here and there', 'about');
} finally {
  await shell.close();
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
