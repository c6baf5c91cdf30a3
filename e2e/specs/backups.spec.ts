import { openSync, readdirSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';

test('backups are listed, verified, and damage is named', async ({ larder }) => {
  const { page } = larder;
  const pages = page.getByRole('navigation', { name: 'Pages' });
  const sample = await larder.createSample();
  await pages.getByRole('link', { name: 'Backups' }).click();
  await expect(page.getByText('No backups yet')).toBeVisible();
  await larder.expectAccessible();
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click();
  const made = page.getByRole('row').filter({ hasText: 'full' });
  await expect(made).toHaveCount(1);
  await larder.expectAccessible();

  const folder = join(sample, 'backups');
  const archive = readdirSync(folder).find((name) => name.endsWith('.tar.zst')) ?? '';
  const fd = openSync(join(folder, archive), 'r+');
  writeSync(fd, Buffer.from([0xff, 0x00, 0xff]), 0, 3, 5_000_000);
  closeSync(fd);

  await made.click();
  await page
    .getByRole('complementary', { name: 'The chosen backup' })
    .getByRole('button', { name: /^Verify/ })
    .first()
    .click();
  await expect(page.getByText(/damaged/i).first()).toBeVisible();

  await pages.getByRole('link', { name: 'Activity' }).click();
  await expect(page.getByRole('list', { name: 'Finished jobs' }).getByRole('listitem')).not.toHaveCount(0);
  await expect(page.getByText('failed').first()).toBeVisible();
  await larder.expectAccessible();
});
