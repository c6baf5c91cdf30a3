import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';
import { backUp, backupRows, goTo, openSample, windowOf } from './backup-steps.ts';

const passphrase = 'harbour violin gravel candle ostrich';

async function openEncryption(page: Page): Promise<void> {
  await goTo(page, 'Backups');
  await page.getByRole('link', { name: 'Rules and rotation' }).click();
  await page.getByRole('button', { name: 'How they are kept' }).click();
}

async function typePassphrase(page: Page, text: string): Promise<void> {
  await page.getByLabel('Passphrase', { exact: true }).fill(text);
  await page.getByLabel('The same again').fill(text);
  await page.getByRole('checkbox', { name: /written it down/ }).click();
  await page.getByRole('button', { name: 'Save encryption' }).click();
  await expect(page.getByText('Larder has the passphrase for these backups.')).toBeVisible();
}

/** Every byte of every file below. */
function everything(path: string): Buffer {
  return Buffer.concat(
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const below = join(path, entry.name);
      if (entry.isDirectory()) return everything(below);
      return entry.isFile() ? readFileSync(below) : [];
    }),
  );
}

/** Puts a backup where it looks like one from another machine, whose key is not known here. */
async function forgetKey(larder: Larder, sample: string): Promise<void> {
  const backups = join(sample, 'backups');
  for (const name of readdirSync(backups)) {
    if (/\.(age)$/.test(name)) copyFileSync(join(backups, name), join(backups, name.replace(/_\d{8}_/, '_20200101_')));
  }
  renameSync(join(larder.home, 'secrets'), join(larder.folder, 'secrets'));
  await larder.restart();
}

test('a passphrase that is typed is kept, used and changed', async ({ larder }) => {
  const { page } = larder;
  await openSample(larder);
  await openEncryption(page);
  await page.getByRole('radio', { name: 'With a passphrase', exact: true }).click();
  const save = page.getByRole('button', { name: 'Save encryption' });
  await page.getByLabel('Passphrase', { exact: true }).fill('password1');
  await expect(page.getByText('Easily guessed')).toBeVisible();
  await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await expect(page.getByText('Strong')).toBeVisible();
  await page.getByLabel('The same again').fill('something else');
  await expect(page.getByText('The two are not the same')).toBeVisible();
  await page.getByLabel('The same again').fill(passphrase);
  await expect(save).toHaveAttribute('aria-disabled', 'true');
  await expect(
    page.getByText(
      larder.shell.kind === 'desktop' ? 'in the keyring of this desktop' : 'kept in a file, not in a keychain',
    ),
  ).toBeVisible();
  await larder.expectAccessible();
  await typePassphrase(page, passphrase);
  await goTo(page, 'Backups');
  await backUp(page, { rows: 1 });
  await expect(backupRows(page)).toContainText('encrypted');
});

test('a passphrase that is changed leaves the old one in place for older backups', async ({ larder }) => {
  const { page } = larder;
  await openSample(larder);
  await openEncryption(page);
  await page.getByRole('radio', { name: 'With a passphrase', exact: true }).click();
  await typePassphrase(page, passphrase);
  await page.getByRole('button', { name: 'Change the passphrase…' }).click();
  await expect(page.getByText('Older backups keep the key they were made with')).toBeVisible();
  await page.getByRole('button', { name: 'Suggest one' }).click();
  await expect(page.getByLabel('Passphrase', { exact: true })).toHaveValue(/^(?:[a-z]{5}-){5}[a-z]{5}$/);
  await page.getByRole('checkbox', { name: /written it down/ }).click();
  await page.getByRole('button', { name: 'Save encryption' }).click();
  const keys = page.getByRole('list', { name: 'Keys that Larder knows' }).getByRole('listitem');
  await expect(keys).toHaveCount(2);
  await expect(keys.filter({ hasText: 'in use' })).toHaveCount(1);
  await larder.expectAccessible();

  await keys.filter({ hasNotText: 'in use' }).getByRole('button', { name: 'Forget…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget it' }).click();
  await expect(keys).toHaveCount(1);
  expect(everything(larder.home).includes(passphrase)).toBe(false);
});

test('on the desktop a kept passphrase is in no file of Larder’s', async ({ larder }) => {
  test.skip(larder.shell.kind !== 'desktop', 'A browser’s Larder has no keychain.');
  await openSample(larder);
  await openEncryption(larder.page);
  await larder.page.getByRole('radio', { name: 'With a passphrase', exact: true }).click();
  await typePassphrase(larder.page, passphrase);
  await goTo(larder.page, 'Backups');
  await backUp(larder.page, { rows: 1 });
  const text = everything(larder.home);
  for (const form of [passphrase, Buffer.from(passphrase).toString('base64').slice(0, 30)]) {
    expect(text.includes(form)).toBe(false);
  }
  expect(existsSync(join(larder.home, 'secrets'))).toBe(true);
});

test('a backup whose key is missing asks for it, and remembers it when asked', async ({ larder }) => {
  const sample = await openSample(larder);
  await openEncryption(larder.page);
  await larder.page.getByRole('radio', { name: 'With a passphrase', exact: true }).click();
  await typePassphrase(larder.page, passphrase);
  await goTo(larder.page, 'Backups');
  await backUp(larder.page, { rows: 1 });
  await forgetKey(larder, sample);

  const { page } = larder;
  await goTo(page, 'Backups');
  await expect(page.getByText('1 encrypted file cannot be opened without its key')).toBeVisible();
  await page.getByRole('button', { name: 'Enter the passphrase…' }).click();
  const dialog = windowOf(page);
  await dialog.getByLabel('Passphrase', { exact: true }).fill('not this one');
  await page.keyboard.press('Enter');
  await expect(dialog.getByText('This is not the passphrase of')).toBeVisible();
  await larder.expectAccessible();
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByRole('checkbox', { name: 'Remember it on this computer' }).click();
  await dialog.getByRole('button', { name: 'Open' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('cannot be opened without its key')).toBeHidden();

  await larder.restart();
  await goTo(larder.page, 'Restore');
  await expect(larder.page.getByRole('treegrid').getByRole('row').filter({ hasText: 'config' })).toBeVisible();
});

test('what is looked into without the key asks for it there', async ({ larder }) => {
  await openSample(larder);
  await openEncryption(larder.page);
  await larder.page.getByRole('radio', { name: 'With a passphrase', exact: true }).click();
  await typePassphrase(larder.page, passphrase);
  await goTo(larder.page, 'Backups');
  await backUp(larder.page, { rows: 1 });
  renameSync(join(larder.home, 'secrets'), join(larder.folder, 'secrets'));
  await larder.restart();
  const { page } = larder;
  await goTo(page, 'Restore');
  await page.getByRole('button', { name: 'Enter the passphrase…' }).first().click();
  await windowOf(page).getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('treegrid').getByRole('row').filter({ hasText: 'config' })).toBeVisible();
});

test('a key made here encrypts backups and opens them', async ({ larder }) => {
  const { page } = larder;
  await openSample(larder);
  const keys = join(larder.folder, 'keys');
  mkdirSync(keys);
  await openEncryption(page);
  await page.getByRole('radio', { name: 'For public keys' }).click();
  await page.getByRole('button', { name: 'Make a new key…' }).click();
  const dialog = windowOf(page);
  await larder.chooseFile(dialog, 'Identity file', join(keys, 'mine.txt'));
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByText('Keep a copy of the identity file somewhere else')).toBeVisible();
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByLabel('Public keys, one a line')).toHaveValue(/^age1[a-z0-9]{58}$/);
  expect(readFileSync(join(keys, 'mine.txt'), 'utf8')).toContain('AGE-SECRET-KEY-1');
  await page.getByRole('button', { name: 'Save encryption' }).click();
  await expect(page.getByRole('button', { name: 'Save encryption' })).toHaveAttribute('aria-disabled', 'true');
  await goTo(page, 'Backups');
  await backUp(page, { rows: 1 });
  await expect(backupRows(page)).toContainText('encrypted');
});
