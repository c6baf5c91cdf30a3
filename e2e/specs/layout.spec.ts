import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';
import { goTo } from './backup-steps.ts';

/** The areas of the sample store. */
async function openAreas(larder: Larder): Promise<string> {
  const { page } = larder;
  const sample = await larder.createSample();
  await goTo(page, 'Stores');
  await page.getByRole('button', { name: 'Actions for persistent_data' }).click();
  await page.getByRole('menuitem', { name: 'Areas and rules' }).click();
  await expect(areaRow(page, 'logs')).toBeVisible();
  return sample;
}

function areaRow(page: Page, path: string): Locator {
  return page
    .getByRole('table', { name: 'Areas' })
    .getByRole('row')
    .filter({ has: page.getByText(path, { exact: true }) });
}

async function choose(scope: Locator, label: string, option: string): Promise<void> {
  await scope.getByRole('combobox', { name: label }).click();
  await scope.page().getByRole('option', { name: option, exact: true }).click();
}

test('rules of areas are changed with the difference in sight, and undone', async ({ larder }) => {
  const { page } = larder;
  const sample = await openAreas(larder);
  const file = join(sample, 'larder.yaml');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  await larder.expectAccessible();

  // By keyboard: the row's button opens it, Enter in a field takes it over.
  await areaRow(page, 'logs').getByRole('button', { name: 'logs', exact: true }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'logs' });
  await choose(dialog, 'In backups', 'Never');
  await dialog.getByLabel('Permission of folders').fill('9x');
  await expect(dialog.getByText('Permission bits in octal')).toBeVisible();
  await dialog.getByLabel('Permission of folders').fill('750');
  await larder.expectAccessible();
  await dialog.getByLabel('Permission of folders').press('Enter');
  await expect(areaRow(page, 'logs')).toContainText('changed');
  const difference = page.getByRole('region', { name: 'What changes in larder.yaml' });
  await expect(difference.getByText('backup: never')).toBeVisible();
  await larder.expectAccessible();

  // Leaving asks, by a link and by a key.
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Backups' }).click();
  const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(areaRow(page, 'logs')).toContainText('changed');

  await page.getByRole('button', { name: 'Save…' }).click();
  await larder.expectAccessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Write larder.yaml' }).click();
  await expect(page.getByText('larder.yaml is written')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toMatch(/logs:\n {4}backup: never\n {4}directoryMode: 750/);
  await expect(areaRow(page, 'logs')).toContainText('larder.yaml');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByText('larder.yaml is as it was before')).toBeVisible();
  expect(existsSync(file) ? readFileSync(file, 'utf8') : undefined).toBe(before);
});

test('areas are added and removed, comments stay', async ({ larder }) => {
  const { page } = larder;
  const sample = await openAreas(larder);
  const file = join(sample, 'larder.yaml');
  writeFileSync(file, 'version: 1\nlayout: stock-prediction-3.4\n# ours\nareas:\n  logs: # short\n    backup: never\n');
  await expect(areaRow(page, 'logs')).toContainText('Never');
  await page.getByRole('button', { name: 'Add area…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add an area' });
  await dialog.getByLabel('Path in the store').fill('logs');
  await dialog.getByRole('button', { name: 'Add area' }).click();
  await expect(dialog.getByText('There is an area at this path.')).toBeVisible();
  await dialog.getByLabel('Path in the store').fill('embeddings');
  await choose(dialog, 'Role', 'Vector stores');
  await choose(dialog, 'Cleaned up', 'Files older than days');
  await dialog.getByLabel('Older than').fill('14');
  await dialog.getByRole('button', { name: 'Add area' }).click();
  await expect(areaRow(page, 'embeddings')).toContainText('After 14 days');
  await page.getByRole('button', { name: 'Actions for scalers' }).click();
  await page.getByRole('menuitem', { name: /Remove the area/ }).click();
  await expect(areaRow(page, 'scalers')).toContainText('removed');
  await page.getByRole('button', { name: 'Save…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Write larder.yaml' }).click();
  await expect(page.getByText('larder.yaml is written')).toBeVisible();
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('# ours');
  expect(text).toContain('logs: # short');
  expect(text).toContain('role: vector');
  expect(text).toContain('without:');
  await expect(areaRow(page, 'embeddings')).toContainText('larder.yaml');
});

test('a broken larder.yaml is told with its line, and mended outside', async ({ larder }) => {
  const { page } = larder;
  const sample = await openAreas(larder);
  const file = join(sample, 'larder.yaml');
  writeFileSync(file, 'version: 1\nlayout: stock-prediction-3.4\nareas:\n  logs:\n    backup: sometimes\n');
  const problems = page.getByRole('list', { name: 'What is wrong with larder.yaml' });
  await expect(problems).toContainText('line 5, column 5');
  await expect(problems).toContainText('It takes always, never');
  await expect(page.getByRole('button', { name: 'Add area…' })).toHaveAttribute('aria-disabled', 'true');
  await larder.expectAccessible();
  writeFileSync(file, 'version: 1\nlayout: stock-prediction-3.4\nareas:\n  logs:\n    backup: never\n');
  await expect(problems).toBeHidden();
  await expect(areaRow(page, 'logs')).toContainText('Never');
});

test("another layout is chosen, and a person's own rule comes first", async ({ larder }) => {
  const { page } = larder;
  await openAreas(larder);
  await page.getByRole('button', { name: 'More about the layout' }).click();
  await page.getByRole('menuitem', { name: 'Backup rules' }).click();
  await page.getByRole('button', { name: 'What is in them' }).click();
  await choose(page.getByRole('main'), 'Rule for ml_cache', 'Never in');
  await page.goBack();
  await page.goBack();
  const own = areaRow(page, 'ml_cache').getByRole('link', { name: 'your rule' });
  await expect(own).toBeVisible();

  await page.getByRole('button', { name: 'Choose layout…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Layout of persistent_data' });
  await expect(dialog.getByRole('radio').first()).toBeVisible();
  await larder.expectAccessible();
  await dialog.getByLabel('Find a layout').fill('aura');
  await dialog.getByRole('radio', { name: 'Aura' }).click();
  await expect(dialog.getByRole('region', { name: 'What the layout says' })).toContainText('visual_analysis/models');
  await dialog.getByRole('button', { name: 'Only in this Larder' }).click();
  await dialog.getByRole('button', { name: 'Use this layout' }).click();
  await expect(areaRow(page, 'visual_analysis/models')).toContainText('missing');
  await expect(page.getByText('From the layout Aura')).toBeVisible();
});

test('going back asks about unsaved changes, and leaving drops them', async ({ larder }) => {
  const { page } = larder;
  await openAreas(larder);
  await page.getByRole('button', { name: 'Actions for logs' }).click();
  await page.getByRole('menuitem', { name: /Remove the area/ }).click();
  await expect(page.getByText('1 change, not saved')).toBeVisible();
  await page.evaluate(() => history.back());
  const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await expect(question).toBeVisible();
  await larder.expectAccessible();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(areaRow(page, 'logs')).toContainText('removed');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click();
  await question.getByRole('button', { name: 'Leave without saving' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await goTo(page, 'Stores');
  await page.getByRole('button', { name: 'Actions for persistent_data' }).click();
  await page.getByRole('menuitem', { name: 'Areas and rules' }).click();
  await expect(areaRow(page, 'logs')).not.toContainText('removed');
});
