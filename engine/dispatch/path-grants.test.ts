import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext } from '../testing/index.ts';
import { PathGrants } from './index.ts';

describe('PathGrants', () => {
  let context: TestContext;
  let folder: string;
  let grants: PathGrants;
  beforeEach(() => {
    context = createTestContext();
    folder = realpathSync(context.folder);
    for (const name of ['store/inside', 'chosen', 'secret']) mkdirSync(join(folder, name), { recursive: true });
    context.stores.add({ path: join(folder, 'store') });
    grants = new PathGrants('granted', nodeFs, context.stores);
  });
  afterEach(() => context.close());

  it('allows what lies in a store or its backup folder, there or not yet', () => {
    for (const path of ['store', 'store/inside', 'store/new/deep', 'store-backups/x.tar.zst']) {
      expect(() => grants.check(join(folder, path))).not.toThrow();
    }
  });

  it('refuses everything else', () => {
    for (const path of ['secret', 'store/../secret', 'stores', '..']) {
      expect(() => grants.check(join(folder, path))).toThrow(/was not chosen/);
    }
    expect(() => grants.check('/etc/passwd')).toThrow(/was not chosen/);
  });

  it('allows what was granted, and below', () => {
    grants.grant(join(folder, 'chosen'));
    expect(() => grants.check(join(folder, 'chosen/new'))).not.toThrow();
    expect(() => grants.check(join(folder, 'chosen-not'))).toThrow(/was not chosen/);
  });

  it("allows the key's file that a store's rules name", () => {
    const passphraseFile = join(folder, 'secret/pass');
    const [store] = context.stores.list();
    context.stores.update(store?.id ?? '', { rules: { encryption: { kind: 'passphrase', passphraseFile } } });
    expect(() => grants.check(passphraseFile)).not.toThrow();
    expect(() => grants.check(join(folder, 'secret/other'))).toThrow(/was not chosen/);
  });

  it('follows links at the moment of use: a link inside a store leads to where it leads', () => {
    symlinkSync(join(folder, 'secret'), join(folder, 'store/link'));
    expect(() => grants.check(join(folder, 'store/link'))).toThrow(/was not chosen/);
    expect(() => grants.check(join(folder, 'store/link/new'))).toThrow(/was not chosen/);
  });

  it('lets an unrestricted session name anything', () => {
    expect(() => new PathGrants('any', nodeFs, context.stores).check('/etc')).not.toThrow();
  });
});
