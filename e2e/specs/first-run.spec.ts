import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';

test('a new user comes from nothing to a first backup', async ({ larder }) => {
  const { page } = larder;
  await expect(page.getByRole('heading', { name: 'Welcome to Larder' })).toBeVisible();
  await larder.expectAccessible();

  const sample = await larder.createSample();
  expect(existsSync(join(sample, 'ml_models'))).toBe(true);
  await expect(page.getByText('No backup yet').first()).toBeVisible();

  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Back up persistent_data' });
  await expect(dialog.getByText('ml_models')).toBeVisible();
  await dialog.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('Protected', { exact: true })).toBeVisible();
});

test('the interface comes back to the same stores after a restart', async ({ larder }) => {
  await larder.createSample();
  await larder.restart();
  await expect(larder.page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await expect(larder.page.getByText('persistent_data').first()).toBeVisible();
});
