import fs from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Backup, Encryption } from '../../shared/contract/index.ts';
import { call, contentsOf, contentsOnDisk, createDestination, noise, rules } from './test-destination.ts';
import type { TestDestination } from './test-destination.ts';

/** Those of the age specification's example. */
const identity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

let here: TestDestination;
beforeEach(() => {
  here = createDestination();
});
afterEach(() => here.context.close());

function secret(name: string, content: string): string {
  const path = join(here.context.folder, name);
  fs.writeFileSync(path, `${content}\n`, { mode: 0o600 });
  return path;
}

const encryptions: [string, () => Encryption][] = [
  ['an identity', () => ({ kind: 'recipients', recipients: [recipient], identityFile: secret('identity', identity) })],
  ['a passphrase', () => ({ kind: 'passphrase', passphraseFile: secret('passphrase', 'nowhere else') })],
];

async function makeHistory(): Promise<{ first: Backup; second: Backup; kept: Map<string, string> }> {
  here.put('a', noise(30_000, 1));
  here.put('model', noise(4_300_000, 2));
  here.put('gone', noise(9_000_000, 3));
  const first = await here.backUp();
  here.remove('gone');
  here.put('b', 'new');
  const second = await here.backUp();
  expect(second.kind).toBe('incremental');
  return { first, second, kept: contentsOnDisk(here.root) };
}

test.each(encryptions)(
  'what later backups need of an archive encrypted for %s moves to a new one for the same',
  async (_title, rulesOf) => {
    const encryption = rulesOf();
    here.context.stores.update(here.store.id, { rules: { encryption } });
    const { first, second, kept } = await makeHistory();
    const plan = await here.planned({ backups: [first.id] });
    expect(plan.compacts).toHaveLength(1);
    expect(await here.applied(plan)).toMatchObject({
      status: 'done',
      result: { held: [], compacted: [basename(first.archive)] },
    });
    const listing = await here.list();
    expect(listing.problems).toEqual([]);
    expect(listing.backups).toMatchObject([{ id: second.id, encrypted: true }]);
    expect(listing.held).toHaveLength(1);
    expect(listing.held[0]?.archive.endsWith('.tar.zst.age')).toBe(true);
    expect(
      fs
        .readFileSync(listing.held[0]?.archive ?? '')
        .subarray(0, 21)
        .toString(),
    ).toBe('age-encryption.org/v1');

    // Another Larder, which has the rules' keys and nothing remembered.
    const there = createDestination();
    try {
      there.context.stores.update(there.store.id, { destination: here.destination, rules: { encryption } });
      const backup = await there.backups.resolve(second.id);
      expect(contentsOf(backup, await there.backups.open(backup))).toEqual(kept);
      const { job } = await there.backups.handlers.verify({ backup: second.id, mode: 'deep', percent: 10 }, call);
      expect(await there.context.job(job)).toMatchObject({ status: 'done' });
    } finally {
      await there.context.close();
    }
    await here.removeBackups(second);
    expect(here.files()).toEqual([]);
  },
);

test('an archive for others than the store is encrypted for now stays as it is', async () => {
  const [[, rulesOf]] = encryptions as [[string, () => Encryption]];
  here.context.stores.update(here.store.id, { rules: { encryption: rulesOf() } });
  const { first, second, kept } = await makeHistory();
  here.context.stores.update(here.store.id, {
    rules: { encryption: { kind: 'passphrase', passphraseFile: secret('passphrase', 'another') } },
  });
  const plan = await here.planned({ backups: [first.id] });
  expect(plan.compacts).toEqual([]);
  expect(await here.applied(plan)).toMatchObject({ status: 'done', result: { held: [basename(first.archive)] } });
  expect(contentsOf(second, await here.backups.open(second))).toEqual(kept);
});

test('while no key opens one backup, no archive goes that it may need', async () => {
  const [[, rulesOf]] = encryptions as [[string, () => Encryption]];
  const there = createDestination();
  try {
    // Another store backs up to the same folder, encrypted with a key that is not here.
    there.context.stores.update(there.store.id, { destination: here.destination, rules: { encryption: rulesOf() } });
    fs.mkdirSync(here.destination);
    there.put('x', 'y');
    await there.backUp();
    here.put('a', 'one');
    const first = await here.backUp({ full: true });
    await here.backUp({ full: true });
    const plan = await here.planned({ retention: rules({ keepLast: 1 }) });
    expect(plan.held).toMatchObject([{ archive: first.archive, neededBy: [] }]);
    expect(await here.applied(plan)).toMatchObject({ status: 'partial', result: { removed: [first.id] } });
    expect(fs.existsSync(first.archive)).toBe(true);
  } finally {
    await there.context.close();
  }
});
