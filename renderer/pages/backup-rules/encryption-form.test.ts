import { describe, expect, it } from 'vitest';
import type { Encryption } from '../../../shared/contract/index.ts';
import { draftOf, encryptionOf, recipientsIn } from './encryption-form.ts';

describe('the encryption form', () => {
  it.each<[string, Encryption | undefined]>([
    ['off', undefined],
    ['a passphrase in a file', { kind: 'passphrase', passphraseFile: '/k/pass' }],
    ['a passphrase that is kept', { kind: 'passphrase', kept: 'secret-1' }],
    ['recipients', { kind: 'recipients', recipients: ['age1abc', 'age1def'], identityFile: '/k/id' }],
    ['recipients without an identity', { kind: 'recipients', recipients: ['age1abc'] }],
  ])('takes over and gives back %s', (_, encryption) => {
    expect(encryptionOf(draftOf(encryption))).toEqual({ value: encryption ?? null });
  });

  it('says what is missing or wrong', () => {
    const empty = draftOf(undefined);
    expect(encryptionOf({ ...empty, kind: 'passphrase' })).toHaveProperty('problem');
    expect(encryptionOf({ ...empty, kind: 'file' })).toHaveProperty('problem');
    expect(encryptionOf({ ...empty, kind: 'file', passphraseFile: '/only/a/folder/' })).toHaveProperty('problem');
    expect(encryptionOf({ ...empty, kind: 'recipients' })).toHaveProperty('problem');
    expect(encryptionOf({ ...empty, kind: 'recipients', recipients: 'ssh-ed25519 AAAA' })).toHaveProperty('problem');
    expect(encryptionOf({ ...empty, kind: 'recipients', recipients: 'age1abc', identityFile: '/k/' })).toHaveProperty(
      'problem',
    );
  });

  it('hands over a new passphrase, once it is written down', () => {
    const draft = draftOf({ kind: 'passphrase', kept: 'secret-1' });
    const passphrase = { text: 'new one', again: 'new one', noted: true };
    expect(encryptionOf({ ...draft, kept: undefined, passphrase })).toEqual({ passphrase: 'new one' });
    expect(encryptionOf({ ...draft, kept: undefined, passphrase: { ...passphrase, noted: false } })).toHaveProperty(
      'problem',
    );
  });

  it('repeats no secret key that was pasted as a public one', () => {
    const draft = { ...draftOf(undefined), kind: 'recipients' as const, recipients: 'AGE-SECRET-KEY-1QQPP' };
    expect(JSON.stringify(encryptionOf(draft))).not.toContain('1QQPP');
  });

  it('reads keys as they are pasted', () => {
    expect(recipientsIn(' age1abc \n\n# mine\nage1def,\nage1abc')).toEqual(['age1abc', 'age1def']);
  });
});
