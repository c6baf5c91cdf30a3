import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { createIdentity } from './identity.ts';
import { parseIdentities, parseRecipients, readIdentities, readPassphrase } from './keys.ts';
import { makeFolder, removeFolder } from './test-files.ts';
import { startAge } from './writer.ts';
import { recipientOf } from './x25519.ts';

/** Those of the specification's example. */
const identityText = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const recipientText = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

let folder: string;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

function secret(content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const opened = (identityFile: string) => readIdentities(nodeFs, identityFile).identities;
const phrase = (passphraseFile: string) => readPassphrase(nodeFs, passphraseFile);

/** What it throws, all of it as text. */
function failure(act: () => unknown): { code: string; text: string } {
  try {
    act();
  } catch (error) {
    const { code, message, hint, details } = error as { code: string; message: string; hint: string; details: unknown };
    return { code, text: JSON.stringify([message, hint, details]) };
  }
  throw new Error('It was taken.');
}

describe('recipients', () => {
  it('are 32 bytes each, and those of their identities', () => {
    const [key] = parseRecipients([` ${recipientText}\n`]);
    const [identity] = opened(secret(identityText));
    expect(key).toEqual(identity && new Uint8Array(recipientOf(identity)));
  });

  it('that are wrong are named by their place, and never a secret repeated', () => {
    const wrong = recipientText.replace('z', 'q');
    expect(failure(() => parseRecipients([recipientText, wrong]))).toMatchObject({
      code: 'INVALID_INPUT',
      text: expect.stringMatching(/^\["Recipient 2 of 2 \(age1qvkyg2lqzraa…\) is not an age recipient/) as string,
    });
    const asSecret = failure(() => parseRecipients([identityText]));
    expect(asSecret).toMatchObject({ code: 'INVALID_INPUT', text: expect.stringContaining('secret key') as string });
    expect(asSecret.text).not.toContain(identityText.slice(16, 24));
    expect(failure(() => parseRecipients(['hunter2'])).text).not.toContain('hunter2');
    for (const other of ['ssh-ed25519 AAAA', 'age1pq1qqqq', 'age1yubikey1qqqqqqqq', 'age1tag1qqqq']) {
      expect(failure(() => parseRecipients([other])).code, other).toBe('UNSUPPORTED');
    }
  });

  it('that nobody can have made are refused when they are used', () => {
    const to = { kind: 'recipients', recipients: [new Uint8Array(32)] } as const;
    expect(failure(() => startAge(to)).code).toBe('INVALID_INPUT');
  });
});

describe('identity files', () => {
  it('hold several, with comments', () => {
    const text = `# created: 2025-01-01\r\n# public key: ${recipientText}\r\n${identityText}\r\n\n  ${identityText}`;
    expect(opened(secret(text))).toHaveLength(2);
  });

  it('that are wrong are refused with the line, and without what is in it', () => {
    const wrong = `# x\n${identityText.replace('GFP', 'QQQ')}\n`;
    const bad = failure(() => opened(secret(wrong)));
    expect(bad).toMatchObject({ code: 'INVALID_INPUT', text: expect.stringContaining('Line 2 of') as string });
    expect(bad.text).not.toContain('QQQ');
    expect(failure(() => opened(secret('# nothing\n'))).code).toBe('INVALID_INPUT');
    expect(failure(() => opened(secret(recipientText))).code).toBe('INVALID_INPUT');
    for (const other of [
      'AGE-PLUGIN-YUBIKEY-1QQ',
      'AGE-SECRET-KEY-PQ-1QQ',
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      'age-encryption.org/v1',
    ]) {
      expect(failure(() => opened(secret(other))).code, other).toBe('UNSUPPORTED');
    }
    expect(failure(() => opened(join(folder, 'gone'))).code).toBe('NOT_FOUND');
    expect(failure(() => opened(folder)).code).toBe('INVALID_INPUT');
  });
});

describe('a new identity', () => {
  it('is a file as age-keygen writes it, with the recipient that belongs to it', () => {
    const { file, recipient } = createIdentity(new Date(0));
    const lines = file.split('\n');
    expect(lines.slice(0, 2)).toEqual(['# created: 1970-01-01T00:00:00Z', `# public key: ${recipient}`]);
    const [identity] = parseIdentities(file, 'x');
    const [point] = parseRecipients([recipient]);
    expect(identity && new Uint8Array(recipientOf(identity))).toEqual(point);
    expect(createIdentity(new Date(0)).recipient).not.toBe(recipient);
  });

  it('is written in Bech32 as others write it', () => {
    for (const text of [identityText.toLowerCase(), recipientText]) {
      const decoded = decodeBech32(text);
      expect(decoded && encodeBech32(decoded.prefix, decoded.bytes)).toBe(text);
    }
  });
});

describe('passphrase files', () => {
  it('give their first line as it is', () => {
    expect(phrase(secret(' pass phrase \nmore'))).toBe(' pass phrase ');
    expect(phrase(secret('žába\r\n'))).toBe('žába');
  });

  it('that are empty, too large or no text are refused', () => {
    for (const content of ['', '\nsecond', Buffer.alloc(300_000, 'x'), Buffer.from([0xff, 0xfe, 0x0a])]) {
      expect(failure(() => phrase(secret(content))).code).toBe('INVALID_INPUT');
    }
  });

  it.skipIf(process.platform === 'win32')('that others can read are refused', () => {
    for (const mode of [0o640, 0o604, 0o660, 0o622]) {
      const { code, text } = failure(() => phrase(secret('hunter2', mode)));
      expect(code).toBe('PERMISSION');
      expect(text).toContain('chmod 600');
      expect(text).not.toContain('hunter2');
    }
    expect(phrase(secret('hunter2', 0o400))).toBe('hunter2');
  });
});
