import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';
import { goTo, windowOf } from './backup-steps.ts';

const broken = `name: shop
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: example
`;
const built = `name: ours
services:
  worker:
    build: ./worker
`;

/** The sample, with a project around it that nothing above it belongs to. */
async function sampleWith(larder: Larder, files: Readonly<Record<string, string>>): Promise<string> {
  const sample = await larder.createSample();
  const project = join(sample, '..');
  mkdirSync(join(project, '.git'));
  // The sample's own.
  rmSync(join(project, 'docker-compose.yml'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  return project;
}

async function openCompose(page: Page): Promise<void> {
  await goTo(page, 'Health');
  await page.getByRole('link', { name: 'Compose files' }).click();
  await expect(page.getByRole('heading', { name: 'Compose files', level: 1 })).toBeVisible();
}

const findings = (page: Page): Locator => page.getByRole('group', { name: 'Findings' });
const detail = (page: Page): Locator => page.getByRole('region', { name: 'Finding', exact: true });
const source = (page: Page): Locator => page.getByRole('region', { name: 'Source' });

test('a finding is shown in its lines, mended after its plan, and undone', async ({ larder }) => {
  const { page } = larder;
  const project = await sampleWith(larder, { 'compose.yaml': broken });
  const file = join(project, 'compose.yaml');
  await openCompose(page);
  await findings(page)
    .getByRole('button', { name: /nothing is mounted there/ })
    .click();
  await expect(source(page).getByRole('listitem').and(page.locator('[aria-current="true"]'))).toContainText(
    'image: postgres:16',
  );
  await expect(detail(page).getByText('data-not-mounted')).toBeVisible();
  await expect(detail(page).getByRole('region', { name: /^Mended lines: compose.yaml/ })).toContainText(
    '/var/lib/postgresql/data',
  );
  await expect(page.getByRole('group', { name: 'The same as a command' })).toHaveText(
    'larder compose check --store persistent_data',
  );
  await larder.expectAccessible();

  await detail(page).getByRole('button', { name: 'Apply…' }).click();
  const dialog = windowOf(page);
  await expect(dialog.getByRole('region', { name: 'What would change: compose.yaml' })).toContainText(
    '/var/lib/postgresql/data',
  );
  expect(readFileSync(file, 'utf8')).toBe(broken);
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Change 1 file' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('1 file changed')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toContain(':/var/lib/postgresql/data');
  await expect(findings(page).getByRole('button', { name: /nothing is mounted there/ })).toHaveCount(0);

  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('1 file changed')).toBeHidden();
  await expect(findings(page).getByRole('button', { name: /nothing is mounted there/ })).toBeVisible();
  expect(readFileSync(file, 'utf8')).toBe(broken);
});

test('what changed after its plan is not written over', async ({ larder }) => {
  const { page } = larder;
  const project = await sampleWith(larder, { 'compose.yaml': broken });
  const file = join(project, 'compose.yaml');
  await openCompose(page);
  await page.getByRole('button', { name: 'Mend what is safe…' }).click();
  const dialog = windowOf(page);
  await expect(dialog.getByRole('button', { name: 'Change 1 file' })).toBeVisible();
  const edited = broken.replace('postgres:16', 'postgres:16.4');
  writeFileSync(file, edited);
  await dialog.getByRole('button', { name: 'Change 1 file' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toBe(edited);
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await dialog.getByRole('button', { name: 'Change 1 file' }).click();
  await expect(dialog).toBeHidden();
  expect(readFileSync(file, 'utf8')).toContain('postgres:16.4');
  await expect(page.getByText('1 file changed')).toBeVisible();
  await larder.expectAccessible();
});

test('without a compose file it says where it looked, and takes others', async ({ larder }) => {
  const { page } = larder;
  await sampleWith(larder, {});
  const elsewhere = join(larder.folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'compose.yaml'), broken);
  writeFileSync(join(elsewhere, 'docker-compose.ours.yml'), built);
  await openCompose(page);
  await expect(page.getByText('No compose file found')).toBeVisible();
  await larder.expectAccessible();
  await page.getByRole('button', { name: 'Choose files…' }).first().click();
  const dialog = windowOf(page);
  await larder.chooseFolder(dialog.getByRole('textbox', { name: 'Folder', exact: true }), elsewhere);
  await larder.expectAccessible();
  await dialog.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Project shop' })).toBeVisible();
  // What cannot be told is never shown as fine.
  const unknown = page.getByRole('region', { name: 'Project ours' }).getByRole('button', { name: /worker/ });
  await expect(unknown).toContainText('Cannot tell');
  await larder.expectAccessible();

  // F8 goes round all findings, wherever the keyboard is.
  const place = source(page).getByText(/^\d+ of \d+$/);
  const [, all = ''] = ((await place.textContent()) ?? '').split(' of ');
  expect(Number(all)).toBeGreaterThan(1);
  await expect(place).toHaveText(`1 of ${all}`);
  await page.keyboard.press('F8');
  await expect(place).toHaveText(`2 of ${all}`);
  await page.keyboard.press('Shift+F8');
  await page.keyboard.press('Shift+F8');
  await expect(place).toHaveText(`${all} of ${all}`);

  await page.getByRole('button', { name: 'Choose others…' }).click();
  await dialog.getByRole('textbox', { name: 'Compose file' }).fill('docker-compose.ours.yml');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Project shop' })).toHaveCount(0);
  await expect(page.getByRole('group', { name: 'The same as a command' })).toContainText('docker-compose.ours.yml');
});

test('of a long file only what is in sight is drawn, and the finding is in the middle of it', async ({ larder }) => {
  const { page } = larder;
  const padding = Array.from({ length: 6_000 }, (_, index) => `# line ${index}\n`).join('');
  await sampleWith(larder, { 'compose.yaml': padding + broken });
  await openCompose(page);
  await findings(page)
    .getByRole('button', { name: /nothing is mounted there/ })
    .click();
  await expect(source(page).getByText('image')).toBeInViewport();
  expect(await source(page).getByRole('listitem').count()).toBeLessThan(200);
});

test('a file that cannot be parsed is told with its line', async ({ larder }) => {
  const { page } = larder;
  await sampleWith(larder, { 'compose.yaml': 'services:\n  db: [\n' });
  await openCompose(page);
  await expect(findings(page).getByRole('button', { name: /Error/ }).first()).toBeVisible();
  await expect(detail(page).getByText('bad-yaml')).toBeVisible();
});
