import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Encryption } from '../../shared/contract/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { detectIn } from '../layouts/index.ts';
import { createStores } from './index.ts';

const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';
const signal = new AbortController().signal;

let context: TestContext;
let store: string;
beforeEach(() => {
  context = createTestContext();
  context.fs.makeDirectory(join(context.folder, 'store'));
  store = context.stores.add({ path: join(context.folder, 'store') }).id;
});
afterEach(() => context.close());

async function encrypt(encryption: Encryption) {
  const { fs, stores, layouts, secrets, emit } = context;
  const { handlers } = createStores({
    fs,
    registry: stores,
    layouts,
    secrets,
    detect: (path) => detectIn(context, path),
    emit,
    countBackups: async () => 0,
  });
  return handlers.update({ store, rules: { encryption } }, { signal });
}

test('encryption that could not be done, or undone here, is refused when it is set', async () => {
  const open = join(context.folder, 'open to all');
  writeFileSync(open, 'passphrase\n', { mode: 0o644 });
  const wrong: [Encryption, string][] = [
    [{ kind: 'recipients', recipients: [recipient, 'age1wrong'] }, 'INVALID_INPUT'],
    [{ kind: 'recipients', recipients: [recipient], identityFile: join(context.folder, 'gone') }, 'NOT_FOUND'],
    [{ kind: 'passphrase', passphraseFile: open }, 'PERMISSION'],
  ];
  for (const [encryption, code] of wrong) await expect(encrypt(encryption)).rejects.toMatchObject({ code });
  expect(context.stores.get(store).rules).not.toHaveProperty('encryption');
  const { rules } = await encrypt({ kind: 'recipients', recipients: [recipient] });
  expect(rules.encryption).toEqual({ kind: 'recipients', recipients: [recipient] });
});
