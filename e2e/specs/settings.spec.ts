import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';

test('settings are kept, and the self-check is real', async ({ larder }) => {
  await larder.createSample();
  const settings = larder.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' });
  await settings.click();
  await larder.expectAccessible();
  await larder.page.getByRole('main').getByRole('button', { name: 'Dark' }).click();
  await expect(larder.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await larder.restart();
  await expect(larder.page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a damaged settings database is set aside, said, and nothing else is lost', async ({ larder }) => {
  const sample = await larder.createSample();
  await larder.shell.close();
  writeFileSync(
    join(larder.home, 'larder.db'),
    'this is no database, but it is long enough to be looked at '.repeat(100),
  );
  await larder.restart();
  const { page } = larder;
  await expect(page.getByRole('heading', { name: 'Welcome to Larder' })).toBeVisible();
  await page.getByRole('button', { name: /^Notices/ }).click();
  await expect(page.getByText(/settings database was damaged/)).toBeVisible();
  expect(sample).toContain('persistent_data');
});
