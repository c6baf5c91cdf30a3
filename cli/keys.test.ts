import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LarderError } from '../shared/contract/index.ts';
import type { Output } from '../shared/contract/index.ts';
import { readSecret } from './read-secret.ts';
import type { Terminal } from './terminal.ts';
import { runCommand, store } from './testing/world.ts';

const onTerminal = (...typed: string[]): Partial<Terminal> => ({
  inIsTty: true,
  errIsTty: true,
  askSecret: async () => typed.shift() ?? '',
});
const set: Output<'secrets.setPassphrase'> = {
  store: { ...store, rules: { ...store.rules, encryption: { kind: 'passphrase', kept: 'secret-1' } } },
  keeping: { keptIn: 'file', where: '/home/default/secrets', reason: 'no keychain' },
};
const answers = { 'secrets.setPassphrase': () => set };
const empty = { 'backups.list': () => ({ backups: [], problems: [], held: [] }) };

describe('keys for one run', () => {
  it('come from options and the environment, the options first', async () => {
    const env = { LARDER_PASSPHRASE_FILE: '/cron/pass', LARDER_IDENTITY_FILE: 'id' };
    const ran = await runCommand(['backups', '--passphrase-file', 'mine'], { answers: empty, terminal: { env } });
    expect(ran.keyFiles).toEqual({ passphraseFile: '/srv/mine', identityFile: '/srv/id' });
    const none = await runCommand(['backups'], { answers: empty, terminal: { env: { LARDER_IDENTITY_FILE: '' } } });
    expect(none.keyFiles).toEqual({ passphraseFile: undefined, identityFile: undefined });
  });

  it('are taken by every command that opens backups', async () => {
    for (const command of [
      'backup',
      'backups',
      'verify',
      'ls',
      'cat',
      'diff',
      'restore',
      'export',
      'prune',
      'rebuild',
    ]) {
      expect((await runCommand([command, '--help'])).out, command).toContain('--identity-file <file>');
    }
    expect((await runCommand(['ls', 'latest', '--passphrase-file', ''])).code).toBe(2);
  });

  it('may be typed, on a terminal only', async () => {
    const ran = await runCommand(['backups', '--ask-passphrase'], {
      answers: empty,
      terminal: onTerminal('open sesame'),
    });
    expect(ran.keyFiles).toMatchObject({ passphrase: 'open sesame' });
    expect(ran.out + ran.err).not.toContain('open sesame');
    const without = await runCommand(['backups', '--ask-passphrase'], { answers: empty });
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('--passphrase-file')]);
  });

  it('are asked for by name where one is missing', async () => {
    const locked = new LarderError('PERMISSION', 'a.age is encrypted.', {
      details: { fix: 'unlock', needs: 'identity' },
    });
    const ran = await runCommand(['ls', 'latest'], {
      answers: {
        'backups.ls': () => {
          throw locked;
        },
      },
    });
    expect(ran.err).toContain('Add --identity-file FILE');
  });
});

describe('larder stores set --passphrase', () => {
  it('asks twice, keeps it, and says where and what to do', async () => {
    const typed = onTerminal('lusab-babad-gutih-tugad', 'lusab-babad-gutih-tugad');
    const ran = await runCommand(['stores', 'set', 'project', '--passphrase'], { answers, terminal: typed });
    expect(ran.engine.asked.find(({ name }) => name === 'secrets.setPassphrase')?.input).toEqual({
      store: 'store-1',
      passphrase: 'lusab-babad-gutih-tugad',
    });
    expect(ran.err).toContain('/home/default/secrets');
    expect(ran.err).toContain('Write it down');
    expect(ran.out).toMatch(/encryption +passphrase that Larder keeps/);
    expect(ran.out + ran.err).not.toContain('lusab');
  });

  it('keeps nothing without a terminal, or when the two differ', async () => {
    const refused = [
      await runCommand(['stores', 'set', 'project', '--passphrase'], { answers }),
      await runCommand(['stores', 'set', 'project', '--passphrase'], { answers, terminal: onTerminal('one', 'two') }),
      await runCommand(['stores', 'set', 'project', '--passphrase'], { answers, terminal: onTerminal('') }),
      await runCommand(['stores', 'set', 'project', '--passphrase'], { answers, terminal: onTerminal(' one', ' one') }),
      await runCommand(['stores', 'set', 'project', '--passphrase', '--no-encryption'], {
        answers,
        terminal: onTerminal('one', 'one'),
      }),
    ];
    for (const ran of refused) {
      expect(ran.code, ran.err).toBe(2);
      expect(ran.engine.asked.map(({ name }) => name)).not.toContain('secrets.setPassphrase');
    }
  });
});

it('larder keygen shows the public key and names the file', async () => {
  const ran = await runCommand(['keygen', 'id.txt'], {
    answers: { 'secrets.createIdentity': ({ file }) => ({ file, recipient: 'age1abc' }) },
  });
  expect(ran.out).toContain('Public key: age1abc');
  expect(ran.out).toContain('/srv/id.txt');
});

describe('typing without an echo', () => {
  class Input extends EventEmitter {
    readonly calls: string[] = [];
    setRawMode(on: boolean): void {
      this.calls.push(on ? 'raw' : 'cooked');
    }
    resume(): void {
      this.calls.push('resume');
    }
    pause(): void {
      this.calls.push('pause');
    }
    type(...texts: string[]): void {
      for (const text of texts) this.emit('data', Buffer.from(text));
    }
  }
  const never = new AbortController().signal;

  it('takes a line, with backspace, and leaves the terminal as it was', async () => {
    const input = new Input();
    const line = readSecret(input, never, () => {});
    input.type('wrong\u0015', 'pä', '\u007f\u007fž', 'ab\u001bc', '\rrest');
    expect(await line).toBe('žabc');
    expect(input.calls).toEqual(['raw', 'resume', 'cooked', 'pause']);
    expect(input.listenerCount('data')).toBe(0);
  });

  it('passes Ctrl-C on, and ends when it is told to', async () => {
    const input = new Input();
    const controller = new AbortController();
    const line = readSecret(input, controller.signal, () => controller.abort());
    input.type('abc\u0003');
    await expect(line).rejects.toMatchObject({ name: 'AbortError' });
    expect(input.calls.at(-2)).toBe('cooked');
  });
});
