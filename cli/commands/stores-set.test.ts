import { describe, expect, it } from 'vitest';
import { defaultStoreRules } from '../../shared/contract/index.ts';
import { runCommand, store } from '../testing/world.ts';

const now = { ...store, rules: { ...defaultStoreRules, exclude: ['*.old'], areas: { logs: { recentDays: 7 } } } };
const answers = { 'stores.list': () => ({ stores: [now] }), 'stores.update': () => now };
const set = (...options: string[]) => runCommand(['stores', 'set', 'project', ...options], { answers });
const asked = async (...options: string[]): Promise<unknown> => {
  const ran = await set(...options);
  expect(ran.err).toBe('');
  return ran.engine.asked.find(({ name }) => name === 'stores.update')?.input;
};

describe('larder stores set', () => {
  it('shows the rules when nothing is to be changed', async () => {
    const ran = await set();
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('stores.update');
    expect(ran.out).toMatch(/left out +\*\.old/);
    expect(ran.out).toMatch(/kept +last 10/);
    expect(ran.out).toMatch(/encryption +off/);
  });

  it('adds to and takes from what is left out', async () => {
    expect(await asked('--exclude', '*.tmp', '--exclude', 'cache', '--include', '*.old')).toEqual({
      store: 'store-1',
      rules: { exclude: ['*.tmp', 'cache'] },
    });
    const ran = await set('--include', '*.nope');
    expect(ran.code).toBe(4);
    expect(ran.err).toContain('Left out are: *.old');
  });

  it('says which globs can match nothing', async () => {
    const odd = { ...now, rules: { ...now.rules, exclude: ['*.old', 'a//b', 'x '] } };
    const ran = await runCommand(['stores', 'set', 'project', '--exclude', 'a//b', '--exclude', 'x '], {
      answers: { ...answers, 'stores.update': () => odd },
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Note: the rule "a//b" may leave nothing out: it has an empty segment');
    expect(ran.out).toContain('Note: the rule "x " may leave nothing out: it begins or ends in white space');
    const json = await runCommand(['stores', 'set', 'project', '--exclude', 'x ', '--json'], {
      answers: { ...answers, 'stores.update': () => odd },
    });
    expect(json.json()).toMatchObject({ remarks: [{ glob: 'a//b', kind: 'segment' }, { kind: 'spaces' }] });
  });

  it('sets and takes back the rule of an area', async () => {
    expect(await asked('--area', 'logs=default', '--area', 'cache=never', '--area', 'predictions=30d')).toMatchObject({
      rules: { areas: { cache: 'never', predictions: { recentDays: 30 } } },
    });
    expect((await set('--area', 'logs')).code).toBe(2);
  });

  it('changes the numbers of retention that are given, and switches', async () => {
    expect(await asked('--keep-daily', '30', '--rotate', 'on', '--self-contained', 'off')).toEqual({
      store: 'store-1',
      rules: { retention: { ...defaultStoreRules.retention, keepDaily: 30 }, rotate: true, selfContained: false },
    });
  });

  it('sets encryption one way, and takes it away', async () => {
    expect(await asked('--passphrase-file', 'secret')).toMatchObject({
      rules: { encryption: { kind: 'passphrase', passphraseFile: '/srv/secret' } },
    });
    expect(await asked('--recipient', 'age1abc', '--identity', '/k')).toMatchObject({
      rules: { encryption: { kind: 'recipients', recipients: ['age1abc'], identityFile: '/k' } },
    });
    expect(await asked('--no-encryption')).toMatchObject({ rules: { encryption: null } });
    expect((await set('--recipient', 'age1abc', '--passphrase-file', 'secret')).code).toBe(2);
    expect((await set('--identity', '/k')).code).toBe(2);
  });

  it('adds an identity to the recipients there are, and shows it', async () => {
    const encryption = { kind: 'recipients' as const, recipients: ['age1abc', 'age1def'] };
    const forSome = { ...now, rules: { ...now.rules, encryption } };
    const opened = { ...forSome, rules: { ...now.rules, encryption: { ...encryption, identityFile: '/k' } } };
    const ran = await runCommand(['stores', 'set', 'project', '--identity', '/k'], {
      answers: { 'stores.list': () => ({ stores: [forSome] }), 'stores.update': () => opened },
    });
    expect(ran.err).toBe('');
    expect(ran.engine.asked.find(({ name }) => name === 'stores.update')?.input).toEqual({
      store: 'store-1',
      rules: { encryption: { ...encryption, identityFile: '/k' } },
    });
    expect(ran.out).toContain('for 2 recipients, opened here with /k');
  });

  it('says what the rule of an area can be', async () => {
    expect((await set('--area', 'logs=often')).err).toContain('always, never, default, or an age');
  });
});
