import { chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';
import { goTo, windowOf } from './backup-steps.ts';

/** The line of a check; its button opens it. */
function line(page: Page, title: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('button', { name: title }) });
}

/** The sample with one folder of its layout gone, one that anybody can write, and a link to nothing. */
async function brokenSample(larder: Larder): Promise<string> {
  const sample = await larder.createSample();
  // So that nothing above this test's folder is looked at.
  mkdirSync(join(sample, '..', '.git'));
  rmSync(join(sample, 'scalers'), { recursive: true });
  chmodSync(join(sample, 'ml_models'), 0o777);
  symlinkSync('nowhere', join(sample, 'config', 'dangling'));
  return sample;
}

async function runAll(page: Page): Promise<void> {
  await goTo(page, 'Health');
  await page.getByRole('button', { name: 'Run all now' }).click();
  await expect(page.getByRole('button', { name: 'Run all now' })).not.toHaveAttribute('aria-busy', 'true');
}

test('what fails is shown with its reason, and a safe fix mends it after its plan', async ({ larder }) => {
  const { page } = larder;
  const sample = await brokenSample(larder);
  await runAll(page);
  const required = line(page, 'Required folders');
  await expect(required).toContainText('Fails');
  await expect(required).toContainText('scalers');
  await expect(line(page, 'The folder is there')).toContainText('Passes');

  await required.getByRole('button', { expanded: false }).click();
  await expect(required.getByText('Why it matters.')).toBeVisible();
  await expect(required.getByRole('list', { name: 'Paths of: Required folders' })).toContainText('scalers');
  await larder.expectAccessible();
  await required.getByRole('button', { name: /^Fix:/ }).click();
  const dialog = windowOf(page);
  const changes = dialog.getByRole('list', { name: 'What would change' });
  await expect(changes.getByText('scalers', { exact: true })).toBeVisible();
  await expect(dialog.getByRole('group', { name: 'The same as a command' })).toHaveText(
    'larder health persistent_data --fix --only structure.required',
  );
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: /^Make \d+ changes?$/ }).click();
  await expect(dialog.getByText(/changes? made/)).toBeVisible();
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  expect(statSync(join(sample, 'scalers')).isDirectory()).toBe(true);
  await expect(required).not.toContainText('Fails');

  // What cannot be mended here is said beside what can.
  await page.getByRole('button', { name: 'Fix what is safe…' }).click();
  const cannot = windowOf(page).getByRole('region', { name: 'What cannot be mended here' });
  await expect(cannot.getByText('Links that lead nowhere')).toBeVisible();
  await windowOf(page).getByRole('button', { name: 'Cancel' }).click();
  expect(statSync(join(sample, 'ml_models')).mode & 0o777).toBe(0o777);
});

test('a plan that no longer holds is refused, and made anew', async ({ larder }) => {
  const { page } = larder;
  const sample = await brokenSample(larder);
  await runAll(page);
  await line(page, 'Required folders').getByRole('button', { name: /^Fix:/ }).click();
  const dialog = windowOf(page);
  await expect(dialog.getByRole('list', { name: 'What would change' })).toBeVisible();
  writeFileSync(join(sample, 'scalers'), 'in the way');
  await dialog.getByRole('button', { name: /^Make \d+ changes?$/ }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  rmSync(join(sample, 'scalers'));
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await dialog.getByRole('button', { name: /^Make \d+ changes?$/ }).click();
  await expect(dialog.getByText(/changes? made/)).toBeVisible();
});

test('a check is muted with a reason, stands apart, and counts again', async ({ larder }) => {
  const { page } = larder;
  await brokenSample(larder);
  await runAll(page);
  const dangling = line(page, 'Links that lead nowhere');
  await dangling.getByRole('button', { expanded: false }).click();
  await dangling.getByRole('button', { name: 'Mute…' }).click();
  const dialog = windowOf(page);
  await expect(dialog.getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByLabel('Why').fill('it is made at start');
  await dialog.getByRole('combobox', { name: 'How long' }).click();
  await page.getByRole('option', { name: 'For a day' }).click();
  await larder.expectAccessible();
  await dialog.getByLabel('Why').press('Enter');
  await expect(dialog).toBeHidden();
  const muted = page.getByRole('region', { name: 'Muted' });
  await expect(muted).toContainText('it is made at start');
  await expect(muted).toContainText('until');
  await larder.expectAccessible();
  await larder.restart();
  await goTo(larder.page, 'Health');
  const again = larder.page.getByRole('region', { name: 'Muted' });
  await again.getByRole('button', { name: 'Let it count again: Links that lead nowhere' }).click();
  await expect(again).toBeHidden();
  await expect(line(larder.page, 'Links that lead nowhere')).toContainText('Warning');
});

test('the keyboard alone reaches every line, and the filter leaves what is to be looked at', async ({ larder }) => {
  const { page } = larder;
  await brokenSample(larder);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page.getByRole('heading', { name: 'Health', level: 1 })).toBeVisible();
  await runAll(page);
  const lines = page.locator('[data-check-line]');
  await lines.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(lines.nth(1)).toBeFocused();
  await page.keyboard.press('End');
  await expect(lines.last()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(lines.last()).toHaveAttribute('aria-expanded', 'true');
  await page.getByRole('button', { name: /^To look at/ }).click();
  await expect(page.getByText('Passes', { exact: true })).toHaveCount(0);
  await expect(line(page, 'Required folders')).toBeVisible();
  await page.getByRole('button', { name: /^Cannot tell/ }).click();
  await expect(page.getByText('Fails', { exact: true })).toHaveCount(0);
  await expect(page.getByText('Cannot tell', { exact: true }).first()).toBeVisible();

  // The palette runs the checks from any page.
  await goTo(page, 'Stores');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search actions' }).fill('health checks');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Health', level: 1 })).toBeVisible();
});

test('overview, rail and bell tell of what fails, and lead to it', async ({ larder }) => {
  const { page } = larder;
  await brokenSample(larder);
  await runAll(page);
  await expect(line(page, 'Required folders')).toContainText('Fails');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview', exact: true }).click();
  const card = page.getByRole('region', { name: 'Health' });
  await expect(card.getByText('Required folders')).toBeVisible();
  await expect(card).toContainText('/ 100');
  await larder.expectAccessible();
  await card.getByRole('button', { name: /^Fix:/ }).first().click();
  await expect(windowOf(page).getByRole('button', { name: /^Make \d+/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Notices, / }).click();
  await expect(page.getByText(/checks? fails?$/)).toBeVisible();
  await larder.expectAccessible();
  await page.getByRole('link', { name: 'Show health' }).click();
  await expect(line(page, 'Required folders')).toContainText('Fails');
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview', exact: true }).click();
  await card.getByText('Required folders').click();
  await expect(line(page, 'Required folders').getByText('Why it matters.')).toBeVisible();
});

test('a run can be cancelled, and a run that fails says so', async ({ larder }) => {
  test.skip(larder.shell.kind === 'desktop', 'Only a browser has requests that can be held.');
  const { page } = larder;
  await brokenSample(larder);
  await runAll(page);
  await page.route('**/call/health.run', () => {});
  await page.getByRole('button', { name: 'Run all now' }).click();
  const running = page.getByRole('status', { name: 'Running the checks' });
  await larder.expectAccessible();
  await running.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('The run was cancelled')).toBeVisible();
  await expect(running).toBeHidden();
  await page.unroute('**/call/health.run');
  await page.getByRole('button', { name: 'Run all now' }).click();
  await expect(page.getByText('The run was cancelled')).toBeHidden();
});

test('a store that is not there any more is said, with its last report', async ({ larder }) => {
  const { page } = larder;
  const sample = await brokenSample(larder);
  await runAll(page);
  await expect(line(page, 'Required folders')).toContainText('Fails');
  renameSync(sample, `${sample}-away`);
  await larder.restart();
  await goTo(larder.page, 'Health');
  await expect(larder.page.getByText('The folder is not there')).toBeVisible();
  await expect(line(larder.page, 'Required folders')).toBeVisible();
});
