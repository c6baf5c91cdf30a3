import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import type { Larder } from '../fixtures.ts';

/** What several specs of backups do the same way. */

/** Opens a page by the rail. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
}

/** The rows of the table of backups, newest first, without its head. */
export function backupRows(page: Page): Locator {
  return page
    .getByRole('grid', { name: 'Backups' })
    .getByRole('row')
    .filter({ hasText: /full|incremental/ });
}

/** The window over the page; a message in the corner is none. */
export function windowOf(page: Page): Locator {
  return page.getByRole('dialog').and(page.locator(':not([aria-modal="false"])'));
}

/** The panel of the chosen backup. */
export function detailsOf(page: Page): Locator {
  return page.getByRole('complementary', { name: 'The chosen backup' });
}

/**
 * Makes a backup from the Backups page and waits until it and what follows are done. `rows`: how many backups the table
 * then shows, where what comes next depends on it.
 */
export async function backUp(
  page: Page,
  { full = false, note = '', rows }: { full?: boolean; note?: string; rows?: number } = {},
): Promise<void> {
  await putAway(page);
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const dialog = windowOf(page);
  await expect(dialog.getByText('To read')).toBeVisible();
  if (full) await dialog.getByRole('button', { name: 'Full', exact: true }).click();
  if (note !== '') await dialog.getByLabel('Note').fill(note);
  await dialog.getByRole('button', { name: 'Back up now' }).click();
  await expect(dialog).toBeHidden();
  await ended(page);
  // The list is asked for again when the backup is there, which may be answered after the job's end was told.
  if (rows !== undefined) await expect(backupRows(page)).toHaveCount(rows);
}

/** Waits until what ran on the Backups page is done. */
export async function ended(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'Just done' })).toBeVisible();
}

/** Puts the outcomes of what ran before away. */
export async function putAway(page: Page): Promise<void> {
  const buttons = page.getByRole('button', { name: /^Put away/ });
  for (let left = await buttons.count(); left > 0; left -= 1) await buttons.first().click();
}

/** The sample store, with the Backups page open. */
export async function openSample(larder: Larder): Promise<string> {
  const sample = await larder.createSample();
  await goTo(larder.page, 'Backups');
  return sample;
}
