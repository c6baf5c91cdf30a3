import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { backUp, backupRows, detailsOf, ended, openSample, putAway, windowOf } from './backup-steps.ts';

test('two backups are compared, and one with the live store', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await backUp(page);
  writeFileSync(join(sample, 'config', 'ml_config.json'), '{ "retrained": true }\n');
  writeFileSync(join(sample, 'config', 'new.json'), '{}\n');
  rmSync(join(sample, 'scalers'), { recursive: true });
  await backUp(page, { rows: 2 });
  const boxes = page.getByRole('grid', { name: 'Backups' }).getByRole('checkbox');
  await boxes.nth(0).click();
  await boxes.nth(1).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  const found = page.getByRole('list', { name: 'Differences' });
  await expect(found.getByRole('listitem').filter({ hasText: 'ml_config.json' })).toContainText('modified');
  await expect(found.getByRole('listitem').filter({ hasText: 'new.json' })).toContainText('+3 B');
  await larder.expectAccessible();
  await page.getByRole('button', { name: /^removed/ }).click();
  await expect(found.getByRole('listitem').filter({ hasText: 'modified' })).toHaveCount(0);
  await expect(found.getByRole('listitem').filter({ hasText: 'scalers' }).first()).toContainText('removed');
  await page.getByRole('button', { name: /^removed/ }).click();
  await page.getByRole('searchbox').fill('config');
  await expect(found.getByRole('listitem').filter({ hasText: 'scalers' })).toHaveCount(0);
  await expect(found.getByRole('listitem').filter({ hasText: 'new.json' })).toHaveCount(1);
  await expect(page.getByRole('group', { name: 'The same as a command' })).toHaveText(
    /^larder diff [0-9a-f]+ [0-9a-f]+$/,
  );

  await page.getByRole('combobox', { name: 'Older backup' }).click();
  await page.getByRole('option').first().click();
  await page.getByRole('combobox', { name: 'Compared with' }).click();
  await page.getByRole('option', { name: 'The live store' }).click();
  await expect(page.getByText('They are the same')).toBeVisible();
  rmSync(join(sample, 'config', 'new.json'));
  await page.getByRole('button', { name: 'Compare again' }).click();
  await expect(found.getByRole('listitem').filter({ hasText: 'new.json' })).toContainText('removed');
});

test('an export is one plain archive that tar opens', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await backUp(page);
  writeFileSync(join(sample, 'config', 'new.json'), '{}\n');
  await backUp(page, { rows: 2 });
  await putAway(page);
  const out = join(larder.folder, 'out');
  mkdirSync(out);
  await backupRows(page).first().click();
  await detailsOf(page).getByRole('button', { name: 'More to do with this backup' }).click();
  await page.getByRole('menuitem', { name: /^Export/ }).click();
  const dialog = windowOf(page);
  await larder.chooseFile(dialog, 'Archive', join(out, 'all.zip'));
  await expect(dialog.getByText('It must end in')).toBeVisible();
  await larder.chooseFile(dialog, 'Archive', join(out, 'all.tar'));
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Export' }).click();
  await ended(page);
  await expect(page.getByRole('region', { name: 'Just done' }).getByText(join(out, 'all.tar'))).toBeVisible();
  const listing = execFileSync('tar', ['-tf', join(out, 'all.tar')], { encoding: 'utf8' });
  expect(listing).toContain('config/new.json');
  expect(listing).toContain('ml_models/');

  // What is there is not overwritten, and that is said where it was asked.
  await putAway(page);
  await detailsOf(page).getByRole('button', { name: 'More to do with this backup' }).click();
  await page.getByRole('menuitem', { name: /^Export/ }).click();
  await larder.chooseFile(dialog, 'Archive', join(out, 'all.tar'));
  await dialog.getByRole('button', { name: 'Export' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
});

test('removing says what still needs a backup, and keeps what is needed', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await backUp(page);
  writeFileSync(join(sample, 'config', 'new.json'), '{}\n');
  await backUp(page, { rows: 2 });
  const full = backupRows(page).filter({ hasText: 'full' });
  await full.focus();
  await page.keyboard.press('Delete');
  const dialog = windowOf(page);
  await expect(dialog.getByText('Remove 1 backup?')).toBeVisible();
  await expect(dialog.getByText('you chose it · needed by 1 later backup')).toBeVisible();
  await expect(dialog.getByText('1 archive kept for later backups')).toBeVisible();
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Remove 1 backup' }).click();
  await expect(dialog.getByText(/1 backup removed/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(backupRows(page)).toHaveCount(1);
  await expect(backupRows(page)).toContainText('incremental');
  const held = page.getByRole('button', { name: /^1 archive of removed backups/ });
  await held.click();
  await expect(page.getByText('kept for 1 later backup')).toBeVisible();

  // The last whole one goes only when that was said.
  await backupRows(page).click();
  await detailsOf(page).getByRole('button', { name: 'More to do with this backup' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await expect(dialog.getByText('No whole backup is left afterwards')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Remove 1 backup' })).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByRole('checkbox').click();
  await dialog.getByRole('button', { name: 'Remove 1 backup' }).click();
  await expect(dialog.getByText(/1 backup removed/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('No backups yet')).toBeVisible();
  expect(readdirSync(join(sample, 'backups')).filter((name) => name.includes('.tar'))).toEqual([]);
});

test('a lost manifest is made again', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await backUp(page);
  const folder = join(sample, 'backups');
  const manifest = readdirSync(folder).find((name) => name.includes('.manifest')) ?? '';
  rmSync(join(folder, manifest));
  await larder.restart();
  const again = larder.page;
  await again.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Backups' }).click();
  await expect(again.getByText('1 thing in the backup folders is not a whole backup')).toBeVisible();
  await larder.expectAccessible();
  await again.getByRole('button', { name: 'Rebuild' }).click();
  await expect(backupRows(again)).toHaveCount(1);
  expect(existsSync(join(folder, manifest))).toBe(true);
});
