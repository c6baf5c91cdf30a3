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

test('health checks are put on a schedule, at hours that are refused or kept', async ({ larder }) => {
  await larder.createSample();
  // A restart opens another page.
  const open = () =>
    larder.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click();
  const hours = () => larder.page.getByRole('textbox', { name: 'Hours between checks' });
  await open();
  const scheduled = larder.page.getByRole('switch', { name: 'Check on schedule' });
  await expect(scheduled).not.toBeChecked();
  await expect(hours()).toHaveCount(0);
  await scheduled.click();
  await hours().fill('0');
  await expect(larder.page.getByRole('alert').filter({ hasText: '1 to 720' })).toBeVisible();
  await hours().fill('12');
  await hours().press('Enter');
  await larder.expectAccessible();
  await larder.restart();
  await open();
  await expect(hours()).toHaveValue('12');
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
