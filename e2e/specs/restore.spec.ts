import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
}

async function backUp(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Back up now' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('Protected', { exact: true })).toBeVisible();
}

function row(page: Page, name: string) {
  return page.getByRole('treegrid').getByRole('row').filter({ hasText: name }).first();
}

test('a lost folder and a changed file come back, and that can be undone', async ({ larder }) => {
  const { page } = larder;
  const sample = await larder.createSample();
  const config = join(sample, 'config', 'ml_config.json');
  const original = readFileSync(config);
  await backUp(page);

  rmSync(join(sample, 'scalers'), { recursive: true });
  writeFileSync(config, 'spoilt');
  await goTo(page, 'Restore');
  await expect(row(page, 'scalers')).toContainText('missing now');
  await expect(row(page, 'config')).toContainText('differ');
  await larder.expectAccessible();

  await row(page, 'scalers').getByRole('checkbox').click();
  await row(page, 'config').getByRole('checkbox').click();
  await page.getByRole('button', { name: /^Restore \d+ items$/ }).click();
  const confirm = page.getByRole('alertdialog');
  await expect(confirm).toContainText('1 item replaced');
  await confirm.getByRole('button', { name: /^Restore/ }).click();
  await expect(page.getByRole('note', { name: 'Restored' })).toBeVisible();
  expect(existsSync(join(sample, 'scalers', 'feature_scalers'))).toBe(true);
  expect(readFileSync(config).equals(original)).toBe(true);

  await page.getByRole('region', { name: 'What happened' }).getByRole('button', { name: 'Undo…' }).click();
  await page.getByRole('dialog', { name: 'Undo this restore' }).getByRole('button', { name: /^Undo/ }).click();
  await expect(page.getByRole('note', { name: 'Undone' })).toBeVisible();
  expect(existsSync(join(sample, 'scalers'))).toBe(false);
  expect(readFileSync(config, 'utf8')).toBe('spoilt');
});

test('everything is chosen by keyboard and restored into another folder', async ({ larder }) => {
  const { page, folder } = larder;
  await larder.createSample();
  await backUp(page);
  await goTo(page, 'Restore');
  await row(page, 'config').click();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect(row(page, 'config').getByRole('checkbox')).toBeChecked();
  await page.keyboard.press('ArrowRight');
  await expect(row(page, 'ml_config.json')).toBeVisible();

  await page.getByRole('button', { name: 'Another folder' }).click();
  const target = join(folder, 'back');
  const field = page.getByRole('textbox', { name: /folder/i });
  await larder.chooseFolder(field, larder.shell.kind === 'desktop' ? folder : target);
  await page.getByRole('button', { name: /^Restore \d+ items$/ }).click();
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: /^Restore/ })
    .click();
  await expect(page.getByRole('note', { name: 'Restored' })).toBeVisible();
  const base = larder.shell.kind === 'desktop' ? folder : target;
  expect(existsSync(join(base, 'config', 'persistent.env'))).toBe(true);
});

test('restoring what has not changed says that there is nothing to do', async ({ larder }) => {
  const { page } = larder;
  await larder.createSample();
  await backUp(page);
  await goTo(page, 'Restore');
  await row(page, 'ml_models').getByRole('checkbox').click();
  const plan = page.getByRole('region', { name: 'What will happen' });
  await expect(plan.getByRole('note', { name: /already as in this backup/ })).toBeVisible();
  await expect(plan.getByRole('button', { name: 'Restore', exact: true })).toBeDisabled();
});
