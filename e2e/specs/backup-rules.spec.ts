import { copyFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { backUp, backupRows, detailsOf, goTo, openSample, windowOf } from './backup-steps.ts';

test('the simulator shows what rules keep, and applying them removes the rest', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  for (const note of ['first', 'second', 'third']) {
    writeFileSync(join(sample, 'config', 'note.txt'), note);
    await backUp(page, { note, full: note === 'second' });
  }
  await backupRows(page).filter({ hasText: 'first' }).click();
  await detailsOf(page).getByRole('button', { name: 'More to do with this backup' }).click();
  await page.getByRole('menuitem', { name: /^Pin/ }).click();
  await expect(detailsOf(page).getByText('pinned, rotation')).toBeVisible();

  await page.getByRole('link', { name: 'Rules and rotation' }).click();
  const simulated = page.getByRole('grid', { name: 'What stays and goes' });
  await expect(simulated.getByText('stays')).toHaveCount(3);
  await expect(page.getByText('reaching back 12 months')).toBeVisible();
  await larder.expectAccessible();
  await page.getByLabel('Last', { exact: true }).fill('1');
  await expect(simulated.getByText('goes')).toHaveCount(1);
  await expect(simulated.getByRole('row').filter({ hasText: 'second' })).toContainText('no rule keeps it');
  await expect(simulated.getByRole('row').filter({ hasText: 'first' })).toContainText('pinned');
  await expect(page.getByRole('group', { name: 'The same as a command' })).toHaveText(
    'larder prune persistent_data --keep-last 1 --dry-run',
  );
  const timeline = page.getByRole('slider', { name: 'Timeline of what stays and goes' });
  await timeline.focus();
  await page.keyboard.press('Home');
  await expect(timeline).toHaveAttribute('aria-valuetext', /stays: pinned/);

  await page.getByRole('button', { name: 'Show what would be removed…' }).click();
  const dialog = windowOf(page);
  await expect(dialog.getByText('Remove 1 backup?')).toBeVisible();
  await dialog.getByRole('button', { name: 'All' }).click();
  await expect(dialog.getByText('stays', { exact: true })).toHaveCount(2);
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Remove 1 backup' }).click();
  await expect(dialog.getByText(/1 backup removed/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(simulated.getByText('stays')).toHaveCount(2);

  await page.getByRole('button', { name: 'Save rules' }).click();
  await expect(page.getByRole('button', { name: 'Save rules' })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('switch', { name: 'Apply after each backup' }).click();
  await larder.restart();
  await goTo(larder.page, 'Settings');
  await expect(larder.page.getByText('Keeps the last 1, applied after each backup.')).toBeVisible();
  await goTo(larder.page, 'Backups');
  await backUp(larder.page, { note: 'fourth' });
  // The one that only "last 1" kept has gone for the new one.
  await expect(backupRows(larder.page)).toHaveCount(2);
  await expect(backupRows(larder.page).filter({ hasText: 'third' })).toHaveCount(0);
});

test('what is left out is chosen with what it saves in sight', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  writeFileSync(join(sample, 'big.tmp'), Buffer.alloc(2 * 1024 * 1024));
  await page.getByRole('link', { name: 'Rules and rotation' }).click();
  await page.getByRole('button', { name: 'What is in them' }).click();
  await page.getByLabel('Add a pattern').fill('*.tmp');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const patterns = page.getByRole('list', { name: 'Patterns' });
  await expect(patterns.getByText('saves 2.0 MiB, 1 file')).toBeVisible();
  await page.getByLabel('Add a pattern').fill('*.nothing');
  await page.keyboard.press('Enter');
  await expect(patterns.getByText('nothing fits it now')).toBeVisible();
  await patterns.getByRole('button', { name: 'Take *.nothing off the list' }).click();
  await expect(patterns.getByRole('listitem')).toHaveCount(1);

  await page.getByRole('combobox', { name: 'Rule for ml_cache' }).click();
  await page.getByRole('option', { name: 'Never in' }).click();
  const folders = page.getByRole('grid', { name: 'Folders and their rules' });
  await expect(folders.getByRole('row').filter({ hasText: 'ml_cache' })).toContainText('0 B');
  await expect(page.getByText('a rule leaves this folder out')).toBeVisible();
  await page.getByRole('combobox', { name: 'Rule for logs' }).click();
  await page.getByRole('option', { name: 'Only recent files' }).click();
  await page.getByLabel('Days for logs').fill('7');
  await page.keyboard.press('Enter');
  await expect(page.getByText('files not changed in the last 7 days')).toBeVisible();
  await larder.expectAccessible();

  await goTo(page, 'Backups');
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const left = windowOf(page).getByRole('region', { name: 'Left out' });
  await expect(left.getByText('big.tmp')).toBeVisible();
  await expect(left.getByText('ml_cache', { exact: true })).toBeVisible();
});

test('backups are encrypted with the passphrase in a file', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  writeFileSync(join(larder.folder, 'secret.txt'), 'correct horse battery staple\n', { mode: 0o600 });
  await page.getByRole('link', { name: 'Rules and rotation' }).click();
  await page.getByRole('button', { name: 'How they are kept' }).click();
  await page.getByRole('radio', { name: 'With a passphrase in a file' }).click();
  await expect(page.getByText('Without the key the data cannot be got back')).toBeVisible();
  await larder.chooseFile(page, 'Passphrase file', join(larder.folder, 'secret.txt'));
  await larder.expectAccessible();
  await page.getByRole('button', { name: 'Save encryption' }).click();
  await expect(page.getByRole('button', { name: 'Save encryption' })).toHaveAttribute('aria-disabled', 'true');
  await goTo(page, 'Backups');
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  await expect(windowOf(page).getByText('encrypted with the passphrase')).toBeVisible();
  await windowOf(page).getByRole('button', { name: 'Back up now' }).click();
  await expect(backupRows(page)).toHaveCount(1);
  await expect(backupRows(page)).toContainText('encrypted');

  // Without the key a manifest that is not known cannot be read: what is missing is told, and where to name it.
  const backups = join(sample, 'backups');
  const manifest = readdirSync(backups).find((name) => name.includes('.manifest')) ?? '';
  const unknown = join(backups, manifest.replace(/_\d{8}_/, '_20200101_'));
  copyFileSync(join(backups, manifest), unknown);
  renameSync(join(larder.folder, 'secret.txt'), join(larder.folder, 'moved.txt'));
  await larder.restart();
  const again = larder.page;
  await goTo(again, 'Backups');
  await expect(again.getByText('1 encrypted file cannot be opened without its key')).toBeVisible();
  await expect(again.getByText('secret.txt is not there')).toBeVisible();
  await larder.expectAccessible();
  await again.getByRole('link', { name: 'Rules and rotation' }).click();
  await again.getByRole('button', { name: 'How they are kept' }).click();
  await larder.chooseFile(again, 'Passphrase file', join(larder.folder, 'moved.txt'));
  rmSync(unknown);
  await again.getByRole('button', { name: 'Save encryption' }).click();
  await goTo(again, 'Backups');
  await expect(backupRows(again)).toHaveCount(1);
});
