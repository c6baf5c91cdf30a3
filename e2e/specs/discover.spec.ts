import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import type { Larder } from '../fixtures.ts';

/** Two stores of well-known programs in the user's home. */
function makeStores({ folder }: Larder): void {
  const home = dirname(folder);
  const put = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  put('.ollama/models/manifests/registry.ollama.ai/library/llama3.2/latest', '{"schemaVersion":2,"layers":[]}');
  put(`.ollama/models/blobs/sha256-${'a'.repeat(64)}`, Buffer.alloc(3 * 1024 * 1024, 1));
  const repository = '.cache/huggingface/hub/models--bert-base-uncased';
  put(`${repository}/refs/main`, 'b'.repeat(40));
  put(`${repository}/blobs/${'c'.repeat(64)}`, Buffer.alloc(1024 * 1024, 1));
  put(`${repository}/snapshots/${'b'.repeat(40)}/config.json`, '{}');
}

test('a new user adds a store that was found, in one click', async ({ larder }) => {
  makeStores(larder);
  const { page } = larder;
  const found = page.getByRole('region', { name: 'Found on this machine' });
  await found.getByRole('button', { name: 'Look again' }).click();
  const ollama = found.getByRole('row').filter({ hasText: 'Ollama' });
  await expect(ollama).toContainText('~/.ollama/models');
  await expect(ollama).toContainText('The usual place of Ollama');
  await expect(ollama).toContainText('3.0 MiB');
  await larder.expectAccessible();
  await ollama.getByRole('button', { name: /^Add Ollama/ }).click();
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await expect(page.getByText('No backup yet').first()).toBeVisible();
});

test('several are added at once, and those there already are marked', async ({ larder }) => {
  makeStores(larder);
  const { page } = larder;
  await larder.createSample();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('discover');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Discover stores' });
  await dialog.getByRole('button', { name: 'Look again' }).click();
  const ollama = dialog.getByRole('row').filter({ hasText: 'Ollama' });
  const hub = dialog.getByRole('row').filter({ hasText: 'Hugging Face hub' });
  await expect(hub).toContainText('1.0 MiB');
  await ollama.getByRole('checkbox').press('Space');
  await hub.getByRole('checkbox').press('Space');
  await dialog.getByRole('button', { name: 'Add 2 stores' }).click();
  await expect(ollama.getByText('Added')).toBeVisible();
  await expect(hub.getByText('Added')).toBeVisible();
  await larder.expectAccessible();
  await ollama.getByRole('link', { name: 'Show' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('.ollama/models', { exact: false }).first()).toBeVisible();
});
