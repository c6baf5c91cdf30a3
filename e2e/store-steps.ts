import type { Locator, Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import type { Larder } from './fixtures.ts';

/** Adds a folder as a store from the welcome page. */
export async function addStore(larder: Larder, path: string): Promise<void> {
  const { page } = larder;
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a store' });
  await larder.chooseFolder(dialog.getByRole('textbox', { name: 'Folder', exact: true }), path);
  await expect(dialog.getByRole('textbox', { name: 'Name' })).not.toHaveValue('');
  await dialog.getByRole('button', { name: 'Add store' }).click();
  await expect(dialog).toBeHidden();
}

/** The row of a folder. */
export function row(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Goes to the page of a store. */
export async function openStore(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Stores' }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}
