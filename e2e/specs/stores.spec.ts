import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { addStore, openStore, row } from '../store-steps.ts';

const KiB = 1024;

function fill(root: string): void {
  for (const [name, bytes] of [
    ['models/weights.bin', 300 * KiB],
    ['models/deep/er/adapter.bin', 20 * KiB],
    ['cache/a.json', 5 * KiB],
    ['notes.txt', 1 * KiB],
  ] as const) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), Buffer.alloc(bytes, 7));
  }
}

test('a folder is added, counted, and walked into', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await addStore(larder, folder);
  await openStore(page, 'data');
  await larder.expectAccessible();
  await expect(row(page, 'models')).toContainText('320 KiB');
  await row(page, 'models').getByRole('link', { name: 'models' }).click();
  await expect(row(page, 'deep')).toContainText('20.0 KiB');
  await expect(page.getByRole('treegrid').getByRole('row', { name: /weights\.bin/ })).toContainText('300 KiB');
});

test('changes are shown as they happen', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await addStore(larder, folder);
  await openStore(page, 'data');
  await expect(row(page, 'cache')).toContainText('5.0 KiB');
  await expect(page.getByText('Live', { exact: true }).first()).toBeVisible();
  writeFileSync(join(folder, 'cache', 'b.json'), Buffer.alloc(15 * KiB));
  await expect(row(page, 'cache')).toContainText('20.0 KiB');
  rmSync(join(folder, 'cache'), { recursive: true });
  await expect(row(page, 'cache')).toHaveCount(0);
});

test('a folder that overlaps another store is refused with the reason', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await addStore(larder, folder);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Stores' }).click();
  await page.getByRole('button', { name: 'Add a store…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a store' });
  await larder.chooseFolder(dialog.getByRole('textbox', { name: 'Folder', exact: true }), join(folder, 'models'));
  await expect(dialog.getByText(/lies inside the store data/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Add store' })).toBeDisabled();
});

test('a store whose folder vanished says so and recovers', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await addStore(larder, folder);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Stores' }).click();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  renameSync(folder, `${folder}-away`);
  await expect(page.getByText('Missing', { exact: true })).toBeVisible();
  renameSync(`${folder}-away`, folder);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
});

test('a folder is filtered, a selection says what it would free, and a path is copied', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  linkSync(join(folder, 'models', 'weights.bin'), join(folder, 'cache', 'weights-again.bin'));
  await addStore(larder, folder);
  await openStore(page, 'data');
  const grid = page.getByRole('treegrid', { name: 'In data' });
  await expect(grid.getByRole('row')).toHaveCount(3);
  await page.getByRole('searchbox', { name: 'Filter by name' }).fill('mod');
  await expect(grid.getByRole('row')).toHaveCount(1);
  await expect(page.getByText('1 found')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Filter by name' }).fill('');
  await expect(grid.getByRole('row')).toHaveCount(3);

  // By keyboard alone: the menu of a row, and what goes if it goes.
  await row(page, 'models').getByRole('checkbox').click();
  await expect(page.getByText(/1 selected · frees .* if deleted \(300 KiB stays: other names outside\)/)).toBeVisible();
  await grid.focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Copy path' }).click();
  await expect(page.getByText('The path was copied')).toBeVisible();
  await larder.expectAccessible();
  await grid.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  // Both names of the linked file take the same space; it is counted at the one that sorts first.
  await expect(page.getByRole('treegrid', { name: 'In cache' })).toBeFocused();
  await page.keyboard.press('Backspace');
  await expect(grid).toBeFocused();
});

test('a folder is looked at as a treemap and as its table, and by what is in it', async ({ larder }) => {
  const { page, folder } = larder;
  fill(folder);
  await addStore(larder, folder);
  await openStore(page, 'data');
  await expect(page.getByRole('table', { name: 'Largest files in data' })).toContainText('models/weights.bin');
  await expect(page.getByRole('table', { name: 'By type' })).toContainText('.bin');
  await expect(page.getByRole('table', { name: 'By last change' })).toContainText('within a day');
  await page.getByRole('button', { name: 'Treemap' }).click();
  await expect(page.getByRole('img', { name: /^Treemap of data.*Largest: models/ })).toBeVisible();
  await larder.expectAccessible();
  await page.getByRole('button', { name: 'Show as table' }).click();
  const table = page.getByRole('table', { name: 'Parts of data' });
  await larder.expectAccessible();
  await table
    .getByRole('link', { name: /^models/ })
    .first()
    .click();
  await expect(page.getByRole('table', { name: /^Parts of models/ })).toBeVisible();

  // What happens on the disk shows, and leaves the person where they are.
  writeFileSync(join(folder, 'models', 'arrived.bin'), Buffer.alloc(700 * KiB));
  await expect(page.getByRole('table', { name: /^Parts of models/ })).toContainText('arrived.bin');
});
