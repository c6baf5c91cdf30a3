import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '../fixtures.ts';
import { backUp, backupRows, detailsOf, ended, goTo, openSample, putAway, windowOf } from './backup-steps.ts';

test('backups are listed, verified, and damage is named', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await expect(page.getByText('No backups yet')).toBeVisible();
  await larder.expectAccessible();
  await backUp(page);
  const made = backupRows(page);
  await expect(made).toHaveCount(1);

  const folder = join(sample, 'backups');
  const archive = readdirSync(folder).find((name) => name.endsWith('.tar.zst')) ?? '';
  const fd = openSync(join(folder, archive), 'r+');
  writeSync(fd, Buffer.from([0xff, 0x00, 0xff]), 0, 3, 5_000_000);
  closeSync(fd);

  await putAway(page);
  await made.click();
  await detailsOf(page).getByRole('button', { name: 'Verify…' }).click();
  await larder.expectAccessible();
  await windowOf(page).getByRole('button', { name: 'Verify' }).click();
  await ended(page);
  await expect(page.getByRole('region', { name: 'Just done' }).getByText('failed')).toBeVisible();
  await expect(made.getByText('damaged')).toBeVisible();
  await expect(detailsOf(page).getByRole('region', { name: 'Damaged' })).toBeVisible();
  await larder.expectAccessible();

  await goTo(page, 'Activity');
  await expect(page.getByRole('list', { name: 'Finished jobs' }).getByRole('listitem')).not.toHaveCount(0);
  await expect(page.getByText('failed').first()).toBeVisible();
  await larder.expectAccessible();
});

test('the panel says what a backup will do; the second one reads only what changed', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  const dialog = windowOf(page);
  await expect(dialog.getByText('There is no earlier backup there to build upon')).toBeVisible();
  await expect(dialog.getByRole('img', { name: /Included, by role: Models/ })).toBeVisible();
  await expect(dialog.getByText('Unchanged, not read')).toBeHidden();
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Back up now' }).click();
  await expect(backupRows(page)).toHaveCount(1);

  appendFileSync(join(sample, 'config', 'ml_config.json'), '\n');
  await putAway(page);
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  await expect(dialog.getByText('Unchanged, not read')).toBeVisible();
  await expect(dialog.getByText('Reads only what changed')).toBeVisible();
  await expect(dialog.getByRole('group', { name: 'The same as a command' })).toHaveText(
    'larder backup persistent_data',
  );
  await dialog.getByRole('button', { name: 'Full', exact: true }).click();
  await expect(dialog.getByText('Reads and stores everything')).toBeVisible();
  await expect(dialog.getByText('Unchanged, not read')).toBeHidden();
  await expect(dialog.getByRole('group', { name: 'The same as a command' })).toHaveText(
    'larder backup persistent_data --full',
  );
  await dialog.getByRole('button', { name: 'Incremental' }).click();
  await dialog.getByRole('button', { name: 'Back up now' }).click();
  const incremental = backupRows(page).filter({ hasText: 'incremental' });
  await expect(incremental).toHaveCount(1);
  await expect(page.getByRole('region', { name: 'Just done' }).getByText('were there already')).toBeVisible();
  await incremental.click();
  await expect(detailsOf(page).getByText('were there already and are reused')).toBeVisible();
  // The first one is what the second draws on.
  await backupRows(page).filter({ hasText: 'full' }).click();
  await expect(detailsOf(page).getByText('1 later backup draws on its archive.')).toBeVisible();
});

test('a backup that could not take everything says what and why', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  leaveEncryptedDatabase(larder.folder, join(sample, 'databases'));
  await backUp(page);
  const done = page.getByRole('region', { name: 'Just done' });
  await expect(done.getByText('1 path missing or not whole')).toBeVisible();
  await expect(done.getByText('databases/experiments.db')).toBeVisible();
  await expect(backupRows(page).getByText('partial')).toBeVisible();
  await backupRows(page).click();
  const skipped = detailsOf(page).getByRole('region', { name: 'Skipped' });
  await expect(skipped.getByText('databases/experiments.db')).toBeVisible();
  await larder.expectAccessible();
});

test('each way to verify says what it proves, and a sample goes on where the last ended', async ({ larder }) => {
  const { page } = larder;
  await openSample(larder);
  await backUp(page);
  await backupRows(page).click();
  await expect(detailsOf(page).getByText('what it added,')).toBeVisible();
  const verify = async (mode: 'Quick' | 'Sample' | 'Deep'): Promise<void> => {
    await putAway(page);
    await detailsOf(page).getByRole('button', { name: 'Verify…' }).click();
    await page.getByRole('radio', { name: mode }).click();
  };
  const start = async (): Promise<void> => {
    await windowOf(page).getByRole('button', { name: 'Verify' }).click();
    await ended(page);
  };
  await verify('Sample');
  await page.getByLabel('Read', { exact: true }).fill('20');
  await expect(page.getByText('No sample so far')).toBeVisible();
  await expect(windowOf(page).getByRole('group', { name: 'The same as a command' })).toHaveText(
    /verify [0-9a-f]+ --sample 20$/,
  );
  await start();
  await expect(detailsOf(page).getByText(/^\d+ % of files,/)).toBeVisible();
  await verify('Sample');
  await expect(page.getByText(/Samples have read \d+ % so far/)).toBeVisible();
  await windowOf(page).getByRole('button', { name: 'Cancel' }).click();
  await verify('Deep');
  await expect(page.getByText('Proves that all of it can be restored.')).toBeVisible();
  await start();
  await expect(detailsOf(page).getByText('every file,')).toBeVisible();
  await verify('Quick');
  await start();
  await expect(page.getByText('no damage was found')).toBeVisible();
});

test('a pin and a note outlive Larder, and the table finds by them', async ({ larder }) => {
  await openSample(larder);
  await backUp(larder.page, { note: 'before retraining' });
  await backUp(larder.page, { rows: 2 });
  await backupRows(larder.page).last().click();
  await detailsOf(larder.page).getByRole('button', { name: 'Edit…' }).click();
  await windowOf(larder.page).getByLabel('Note').fill('the good one');
  await windowOf(larder.page).getByRole('button', { name: 'Save' }).click();
  await expect(detailsOf(larder.page).getByText('the good one')).toBeVisible();
  await detailsOf(larder.page).getByRole('button', { name: 'More to do with this backup' }).click();
  await larder.page.getByRole('menuitem', { name: /^Pin/ }).click();
  await expect(detailsOf(larder.page).getByText('pinned, rotation never removes it')).toBeVisible();

  await larder.restart();
  const { page } = larder;
  await goTo(page, 'Backups');
  await expect(backupRows(page)).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Find backups' }).fill('GOOD one');
  await expect(backupRows(page)).toHaveCount(1);
  await expect(backupRows(page)).toContainText('pinned');
  await page.getByRole('searchbox', { name: 'Find backups' }).fill('of no backup');
  await expect(page.getByText('No backup fits')).toBeVisible();
  await page.getByRole('button', { name: 'Show all backups' }).click();
  await expect(backupRows(page)).toHaveCount(2);
});

test('the table and the timeline are walked with the keyboard', async ({ larder }) => {
  const { page } = larder;
  await openSample(larder);
  await backUp(page, { note: 'one' });
  await backUp(page, { note: 'two', rows: 2 });
  await backupRows(page).first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(backupRows(page).last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(detailsOf(page).getByText('one', { exact: true })).toBeVisible();
  const timeline = page.getByRole('slider', { name: 'Timeline of backups' });
  await expect(timeline).toHaveAttribute('aria-valuenow', '1');
  await timeline.focus();
  await page.keyboard.press('ArrowRight');
  await expect(timeline).toHaveAttribute('aria-valuetext', /incremental.*two/);
  await expect(detailsOf(page).getByText('two', { exact: true })).toBeVisible();
  await backupRows(page).first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByRole('group', { name: 'Chosen backups' }).getByText('2 chosen')).toBeVisible();
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Show details' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(backupRows(page).last()).toBeFocused();
});

/** A database in use that SQLite cannot copy, as SQLCipher leaves one: no page can be read, its journal's head can. */
function leaveEncryptedDatabase(scratch: string, folder: string): void {
  const live = join(scratch, 'live.db');
  const database = new DatabaseSync(live);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE runs (name TEXT); INSERT INTO runs VALUES (1)');
  mkdirSync(folder);
  writeFileSync(join(folder, 'experiments.db'), readFileSync(live).fill(0x5a));
  writeFileSync(join(folder, 'experiments.db-wal'), readFileSync(`${live}-wal`).fill(0x5a, 32));
  database.close();
}

test('a backup folder that went away is told as that, and looked for again', async ({ larder }) => {
  const { page } = larder;
  const sample = await openSample(larder);
  await backUp(page, { rows: 1 });
  const folder = join(sample, 'backups');
  renameSync(folder, join(larder.folder, 'unplugged'));
  await larder.restart();
  await goTo(larder.page, 'Backups');
  await expect(larder.page.getByText('A backup folder cannot be reached')).toBeVisible();
  await expect(larder.page.getByText('1 backup was in it when it was last read')).toBeVisible();
  await expect(larder.page.getByText('No backup can be read right now')).toBeVisible();
  await larder.expectAccessible();
  renameSync(join(larder.folder, 'unplugged'), folder);
  await larder.page.getByRole('button', { name: 'Look again' }).click();
  await expect(backupRows(larder.page)).toHaveCount(1);
});
