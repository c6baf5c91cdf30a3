import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';
import { addStore, openStore, row } from '../store-steps.ts';

const KiB = 1024;

function write(root: string, name: string, bytes: number): void {
  mkdirSync(join(root, name, '..'), { recursive: true });
  writeFileSync(join(root, name), Buffer.alloc(bytes, 7));
}

function fill(root: string): void {
  write(root, 'models/weights.bin', 300 * KiB);
  write(root, 'models/deep/er/adapter.bin', 20 * KiB);
  write(root, 'models/deep/adapter.json', 9 * KiB);
  write(root, 'cache/a.json', 5 * KiB);
  write(root, 'cache/b.json', 13 * KiB);
  write(root, 'notes.txt', KiB);
}

function fileRow(page: Page, name: string): Locator {
  return page
    .getByRole('treegrid')
    .getByRole('row', { name: new RegExp(`(^|\\s)${name.replaceAll('.', '\\.')}(\\s|$)`) });
}

/** Names in the order of rows, those in sight. */
async function shownNames(page: Page): Promise<string[]> {
  const labels = await page
    .getByRole('treegrid')
    .getByRole('checkbox')
    .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label') ?? ''));
  return labels.map((label) => label.replace('Select ', ''));
}

async function menuOf(target: Locator, item: string): Promise<void> {
  await target.click({ button: 'right' });
  await target.page().getByRole('menuitem', { name: item }).click();
}

async function shown(larder: Larder): Promise<Locator> {
  await addStore(larder, larder.folder);
  await openStore(larder.page, 'data');
  const tree = larder.page.getByRole('treegrid', { name: 'In data' });
  await expect(tree).toBeVisible();
  return tree;
}

test('folders open in place, by pointer and by keyboard', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  const tree = await shown(larder);
  await expect(tree).toHaveAttribute('aria-rowcount', '3');
  await tree.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect(row(page, 'models')).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, 'models')).toHaveAttribute('aria-level', '1');
  await expect(fileRow(page, 'weights.bin')).toHaveAttribute('aria-level', '2');
  await expect(fileRow(page, 'weights.bin')).toHaveAttribute('aria-posinset', '1');
  await expect(fileRow(page, 'weights.bin')).toHaveAttribute('aria-setsize', '2');
  expect(await shownNames(page)).toEqual(['models', 'weights.bin', 'deep', 'cache', 'notes.txt']);
  await larder.expectAccessible();

  // Letters go to a name; Right on an open folder goes into it, Left back and closes it.
  const current = (): Promise<string | null | undefined> =>
    tree.evaluate((element) => {
      const id = element.getAttribute('aria-activedescendant') ?? '';
      return document.getElementById(id)?.querySelector('[role="checkbox"]')?.getAttribute('aria-label');
    });
  await page.keyboard.type('de');
  expect(await current()).toBe('Select deep');
  await page.keyboard.press('ArrowRight');
  await expect(row(page, 'deep')).toHaveAttribute('aria-expanded', 'true');
  await expect(row(page, 'er')).toHaveAttribute('aria-level', '3');
  await page.keyboard.press('ArrowRight');
  expect(await current()).toBe('Select er');
  await page.keyboard.press('ArrowLeft');
  expect(await current()).toBe('Select deep');
  await page.keyboard.press('ArrowLeft');
  await expect(row(page, 'deep')).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowLeft');
  expect(await current()).toBe('Select models');
  await page.keyboard.press('End');
  expect(await current()).toBe('Select notes.txt');

  // Space chooses in more than one folder; what lies in a chosen folder counts once.
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await expect(page.getByText(/2 selected · frees/)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText(/selected/)).toHaveCount(0);

  // Enter makes a folder the one shown, Backspace goes back to where it was.
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('treegrid', { name: 'In models' })).toBeFocused();
  expect(await shownNames(page)).toEqual(['weights.bin', 'deep']);
  await page.keyboard.press('Backspace');
  await expect(tree).toBeFocused();
  expect(await current()).toBe('Select models');
  await expect(row(page, 'models')).toHaveAttribute('aria-expanded', 'true');
});

test('what is open and in sight stays while files change', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  for (let n = 0; n < 60; n += 1) write(folder, `logs/log-${String(n).padStart(2, '0')}.txt`, (100 - n) * 4 * KiB);
  const tree = await shown(larder);
  await expect(page.getByText('Live', { exact: true }).first()).toBeVisible();
  await row(page, 'logs').locator('[aria-hidden="true"]').first().click();
  await expect(tree).toHaveAttribute('aria-rowcount', '64');
  await tree.evaluate((element) => element.scrollTo(0, 900));
  await expect(fileRow(page, 'log-40.txt')).toBeVisible();
  const before = await fileRow(page, 'log-40.txt').boundingBox();
  // A new largest folder above, and one in the folder itself.
  write(folder, 'zzz/huge.bin', 9_000 * KiB);
  write(folder, 'logs/first.txt', 900 * KiB);
  await expect(tree).toHaveAttribute('aria-rowcount', '66');
  expect(await fileRow(page, 'log-40.txt').boundingBox()).toEqual(before);
  await expect(tree.getByRole('row', { name: 'Reading' })).toHaveCount(0);
  rmSync(join(folder, 'logs'), { recursive: true });
  await expect(tree).toHaveAttribute('aria-rowcount', '4');
});

test('every folder is in the order asked for', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await shown(larder);
  await row(page, 'cache').locator('[aria-hidden="true"]').first().click();
  await expect.poll(() => shownNames(page)).toEqual(['models', 'cache', 'b.json', 'a.json', 'notes.txt']);
  const head = page.getByRole('group', { name: 'Order of the list' });
  await head.getByRole('button', { name: /^Size/ }).click();
  await head.getByRole('button', { name: /^Size/ }).click();
  await expect.poll(() => shownNames(page)).toEqual(['notes.txt', 'cache', 'a.json', 'b.json', 'models']);
  await head.getByRole('button', { name: /^Name/ }).click();
  await expect.poll(() => shownNames(page)).toEqual(['cache', 'a.json', 'b.json', 'models', 'notes.txt']);
  await head.getByRole('button', { name: /^Name/ }).click();
  await expect.poll(() => shownNames(page)).toEqual(['notes.txt', 'models', 'cache', 'b.json', 'a.json']);
});

test('names are looked for in this folder, and everywhere below', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  const tree = await shown(larder);
  const filter = page.getByRole('searchbox', { name: 'Filter by name' });
  await filter.fill('ADAPTER');
  await expect(page.getByText('No name in this folder fits')).toBeVisible();
  await page.getByRole('button', { name: 'Look in all folders below' }).click();
  await expect(page.getByText('2 found')).toBeVisible();
  await expect.poll(() => shownNames(page)).toEqual(['adapter.bin', 'adapter.json']);
  await expect(fileRow(page, 'adapter.bin')).toContainText('models/deep/er');
  await larder.expectAccessible();
  await page.getByRole('button', { name: 'This folder' }).click();
  await filter.fill('o');
  await expect.poll(() => shownNames(page)).toEqual(['models', 'notes.txt']);
  await filter.press('ArrowDown');
  await expect(tree).toBeFocused();
  await filter.press('Escape');
  await expect(tree).toHaveAttribute('aria-rowcount', '3');
});

test('an entry is left out of backups and taken in again', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  write(folder, 'models/odd [x]*?.bin', 4 * KiB);
  const tree = await shown(larder);
  await menuOf(row(page, 'cache'), 'Exclude from backups');
  await expect(row(page, 'cache')).toContainText('not backed up');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(tree.getByText('not backed up')).toHaveCount(0);
  await menuOf(row(page, 'cache'), 'Exclude from backups');
  // What lies in it is left out with it, and says by what.
  await row(page, 'cache').locator('[aria-hidden="true"]').first().click();
  await expect(fileRow(page, 'a.json')).toContainText('not backed up');
  await fileRow(page, 'a.json').click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: /left out already by \/cache/ })).toBeDisabled();
  await page.keyboard.press('Escape');
  await larder.expectAccessible();
  await menuOf(row(page, 'cache'), 'Include in backups again');
  await expect(tree.getByText('not backed up')).toHaveCount(0);

  // By keyboard, with a name full of what globs mean something by.
  await row(page, 'models').locator('[aria-hidden="true"]').first().click();
  await tree.focus();
  await page.keyboard.type('odd');
  await page.keyboard.press('ContextMenu');
  await page.getByRole('menuitem', { name: 'Exclude from backups' }).click();
  await expect(tree.getByText('not backed up')).toHaveCount(1);
  await menuOf(tree.getByRole('row').filter({ hasText: 'odd [x]*?.bin' }), 'Include in backups again');
  await expect(tree.getByText('not backed up')).toHaveCount(0);
});

test('an entry is inspected', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  linkSync(join(folder, 'models/weights.bin'), join(folder, 'cache/weights-again.bin'));
  symlinkSync('models/nowhere', join(folder, 'dangling'));
  write(folder, 'holes.bin', KiB);
  truncateSync(join(folder, 'holes.bin'), 5_000 * KiB);
  chmodSync(join(folder, 'notes.txt'), 0o640);
  await shown(larder);
  const dialog = page.getByRole('dialog');
  await menuOf(fileRow(page, 'notes.txt'), 'Inspect…');
  await expect(dialog).toContainText('1,024 bytes');
  await expect(dialog).toContainText('-rw-r----- (0640)');
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await menuOf(fileRow(page, 'dangling'), 'Inspect…');
  await expect(dialog).toContainText('models/nowhere');
  await expect(dialog).toContainText('nothing is there');
  await page.keyboard.press('Escape');

  // Enter on a file does the same.
  await fileRow(page, 'holes.bin').click();
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('5,120,000 bytes');
  await expect(dialog).toContainText('sparse');
  await page.keyboard.press('Escape');

  await row(page, 'models').locator('[aria-hidden="true"]').first().click();
  await menuOf(fileRow(page, 'weights.bin'), 'Inspect…');
  await expect(dialog).toContainText('cache/weights-again.bin');
});

test('paths and terminal commands are copied, whatever the name', async ({ larder }) => {
  const { page, folder } = larder;
  write(folder, "it's here/$x.txt", KiB);
  await shown(larder);
  await page.evaluate(() => {
    // The clipboard of a test machine is nobody's; what is put on it is looked at on the way.
    document.addEventListener('copy', () => {
      (window as unknown as { copied: string }).copied = document.getSelection()?.toString() ?? '';
    });
    if ('clipboard' in navigator) {
      navigator.clipboard.writeText = (text) => {
        (window as unknown as { copied: string }).copied = text;
        return Promise.resolve();
      };
    }
  });
  const copied = (): Promise<string> => page.evaluate(() => (window as unknown as { copied: string }).copied);
  const target = page.getByRole('treegrid').getByRole('row').first();
  await menuOf(target, 'Copy terminal command');
  await expect(page.getByText('The command was copied')).toBeVisible();
  expect(await copied()).toBe(`cd -- '${folder}/it'\\''s here'`);
  await menuOf(target, 'Copy path');
  await expect(page.getByText('The path was copied')).toBeVisible();
  expect(await copied()).toBe(`${folder}/it's here`);
});

test('a folder of twenty thousand files is walked to its end', async ({ larder }) => {
  const { page, folder } = larder;
  mkdirSync(join(folder, 'many'));
  for (let n = 0; n < 20_000; n += 1) writeFileSync(join(folder, 'many', `item-${String(n).padStart(5, '0')}`), '');
  write(folder, 'many/item-12345', 9 * KiB);
  const tree = await shown(larder);
  await tree.focus();
  await page.keyboard.press('ArrowRight');
  await expect(tree).toHaveAttribute('aria-rowcount', '20001');
  await expect(tree.locator('[aria-rowindex="2"]')).toContainText('item-12345');
  await page.getByRole('group', { name: 'Order of the list' }).getByRole('button', { name: /^Name/ }).click();
  await expect(tree.locator('[aria-rowindex="2"]')).toContainText('item-00000');
  await tree.focus();
  await page.keyboard.press('End');
  const last = tree.locator('[aria-rowindex="20001"]');
  await expect(last).toContainText('item-19999');
  await expect(last).toHaveAttribute('aria-posinset', '20000');
  // Few of them exist.
  expect(await tree.getByRole('row').count()).toBeLessThan(60);
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageUp');
  await expect(tree).toHaveAttribute('aria-activedescendant', /-row-199[67]\d$/);
  await page.keyboard.press('Home');
  await expect(row(page, 'many')).toBeVisible();
});

test('other file systems inside a store are counted when asked for', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await shown(larder);
  await page.getByRole('main').getByRole('button', { name: 'Actions for data' }).click();
  await page.getByRole('menuitem', { name: 'What is counted…' }).click();
  const dialog = page.getByRole('dialog', { name: 'What is counted in data' });
  const choice = dialog.getByRole('switch', { name: 'Count other file systems mounted in this store' });
  await expect(choice).not.toBeChecked();
  await larder.expectAccessible();
  await choice.click();
  await expect(choice).toBeChecked();

  await larder.restart();
  const again = larder.page;
  await openStore(again, 'data');
  await again.getByRole('main').getByRole('button', { name: 'Actions for data' }).click();
  await again.getByRole('menuitem', { name: 'What is counted…' }).click();
  await expect(again.getByRole('switch', { name: /^Count other file systems/ })).toBeChecked();
});
