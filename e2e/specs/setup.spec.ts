import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { goTo } from './backup-steps.ts';

test('a data folder is set up, old data moved in, tested, and taken back', async ({ larder }) => {
  const { page, folder } = larder;
  const old = join(folder, 'saved_models', 'detr', 'model.safetensors');
  mkdirSync(dirname(old), { recursive: true });
  writeFileSync(old, Buffer.alloc(200_000, 1));
  const data = join(folder, 'data');

  await page.getByRole('button', { name: 'Set up a folder…' }).click();
  await expect(page.getByRole('heading', { name: 'Set up a data folder', level: 1 })).toBeVisible();
  const next = page.getByRole('button', { name: 'Next' });
  await expect(next).toHaveAttribute('aria-disabled', 'true');
  await larder.chooseFolder(page.getByRole('textbox', { name: 'Folder', exact: true }), folder);
  await page.getByLabel('New folder in it').fill('data');
  await larder.expectAccessible();
  await next.press('Enter');

  await expect(page.getByText('The folder is not there yet')).toBeVisible();
  await page.getByRole('radio', { name: 'Aura' }).click();
  await larder.expectAccessible();
  await next.click();
  await page.getByRole('checkbox', { name: 'README.md' }).click();
  await page.getByLabel('Name of the store').fill('Aura data');
  await larder.expectAccessible();
  await next.click();

  await expect(page.getByText('Data found at 1 old place')).toBeVisible();
  const steps = page.getByRole('region', { name: 'Folders, permission and owner' });
  await expect(steps.getByRole('listitem').filter({ hasText: 'visual_analysis/models' })).toContainText('to do');
  await page.getByRole('button', { name: 'What is written' }).first().click();
  await expect(page.getByText('layout: aura')).toBeVisible();
  await larder.expectAccessible();
  expect(existsSync(data)).toBe(false);
  await page.getByRole('button', { name: /^Do these \d+ steps$/ }).click();

  await expect(page.getByText(/steps done, and added as a store/)).toBeVisible();
  expect(existsSync(join(data, 'conversational_ai', 'vector_store'))).toBe(true);
  expect(existsSync(join(data, 'README.md'))).toBe(false);
  expect(readFileSync(join(data, 'larder.yaml'), 'utf8')).toContain('layout: aura');

  await page.getByRole('button', { name: 'Test storage' }).click();
  const results = page.getByRole('list', { name: 'Results of the storage test' });
  await expect(results).toContainText('conversational_ai/models');
  await expect(page.getByText(/The storage works|It works, with something to look at/)).toBeVisible();
  await larder.expectAccessible();

  await page.getByRole('radio', { name: 'A link to the new place, too' }).click();
  await page.getByRole('button', { name: 'Move 1 folder in…' }).click();
  const question = page.getByRole('alertdialog', { name: 'Move 1 folder in?' });
  await expect(question).toContainText('195 KiB');
  await question.getByRole('button', { name: 'Move in' }).click();
  await expect(page.getByText('1 folder moved in')).toBeVisible();
  expect(existsSync(join(data, 'conversational_ai', 'models', 'detr', 'model.safetensors'))).toBe(true);
  expect(existsSync(old)).toBe(true);

  // The move is taken back; the folders of the first setup stay.
  const past = page.getByRole('list', { name: 'Setups of this folder' });
  await expect(past.getByRole('listitem')).toHaveCount(2);
  await past.getByRole('button', { name: 'Undo…' }).first().click();
  await page.getByRole('alertdialog', { name: 'Undo this setup?' }).getByRole('button', { name: 'Undo' }).click();
  await expect(past.getByText('undone', { exact: true })).toBeVisible();
  expect(existsSync(join(data, 'conversational_ai', 'models', 'detr'))).toBe(false);
  expect(existsSync(old)).toBe(true);

  await page.getByRole('button', { name: 'Back up now…' }).click();
  await expect(page.getByRole('dialog', { name: 'Back up Aura data' })).toBeVisible();
});

test('what a store lacks is made, and its storage tested', async ({ larder }) => {
  const { page } = larder;
  const sample = await larder.createSample();
  rmSync(join(sample, 'logs'), { recursive: true });
  await goTo(page, 'Stores');
  await page.getByRole('button', { name: 'Actions for persistent_data' }).click();
  await page.getByRole('menuitem', { name: 'Set up what is missing' }).click();
  const steps = page.getByRole('region', { name: 'Folders, permission and owner' });
  await expect(steps.getByRole('listitem').filter({ hasText: 'Make folder' }).first()).toContainText('logs');
  await page.getByRole('button', { name: /^Already / }).click();
  await expect(steps.getByRole('listitem').filter({ hasText: 'already' }).first()).toBeVisible();
  await larder.expectAccessible();
  await page.getByRole('button', { name: /^Do these \d+ steps$/ }).click();
  await expect(page.getByText(/steps done/)).toBeVisible();
  expect(existsSync(join(sample, 'logs'))).toBe(true);

  await goTo(page, 'Stores');
  await page.getByRole('button', { name: 'Actions for persistent_data' }).click();
  await page.getByRole('menuitem', { name: 'Test storage…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Storage test of persistent_data' });
  await expect(dialog.getByRole('list', { name: 'Results of the storage test' })).toContainText('ml_models');
  await larder.expectAccessible();
});

test('the layout of a folder is detected and may be changed before it is added', async ({ larder }) => {
  const { page, folder } = larder;
  for (const area of [
    'ml_models',
    'ml_cache',
    'scalers',
    'stock_data',
    'logs',
    'config',
    'redis',
    'prometheus',
    'grafana',
    'frontend',
  ]) {
    mkdirSync(join(folder, area));
  }
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a store' });
  await larder.chooseFolder(dialog.getByRole('textbox', { name: 'Folder', exact: true }), folder);
  const layout = dialog.getByRole('region', { name: 'Layout' });
  await expect(layout).toContainText('Stock prediction 3.4');
  await expect(layout).toContainText('fit');
  await layout.getByRole('button', { name: 'Change…' }).click();
  const picker = page.getByRole('dialog', { name: 'Layout of this folder' });
  await larder.expectAccessible();
  await picker.getByRole('radio', { name: 'No layout' }).click();
  await picker.getByRole('button', { name: 'Use this layout' }).click();
  await expect(layout).toContainText('your choice');
  await expect(dialog.getByRole('group', { name: 'The same as a command' })).toContainText('--layout none');
  await dialog.getByRole('button', { name: 'Add store' }).click();
  await page
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Areas and rules' }).click();
  await expect(page.getByText('Guessed from names and contents')).toBeVisible();
  await expect(page.getByRole('table', { name: 'Areas' }).getByText('Guess', { exact: true }).first()).toBeVisible();
});

test('a folder that lies in a store is refused with the reason, and another can be chosen', async ({ larder }) => {
  const { page } = larder;
  const sample = await larder.createSample();
  await goTo(page, 'Stores');
  await page.getByRole('button', { name: 'Set up a data folder' }).click();
  const folder = page.getByRole('textbox', { name: 'Folder', exact: true });
  await larder.chooseFolder(folder, join(sample, 'logs'));
  await page.getByLabel('New folder in it').fill('deeper');
  await page.getByLabel('New folder in it').press('Enter');
  await page.getByLabel('Find a layout').fill('aura');
  await page.getByRole('radio', { name: 'Aura' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText(/lies inside the store persistent_data/)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Do these/ })).toBeHidden();
  await larder.expectAccessible();
  await page.getByRole('list', { name: 'Steps' }).getByRole('button', { name: 'Folder' }).click();
  await expect(folder).toHaveValue(join(sample, 'logs'));
});
