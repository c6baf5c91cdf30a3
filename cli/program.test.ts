import { describe, expect, it } from 'vitest';
import { LarderError, errorCodes } from '../shared/contract/index.ts';
import { exitCodeOfError } from './exit-code.ts';
import { nowMs, runCommand, systemInfo } from './testing/world.ts';

const commands = [
  ['stores'],
  ['stores', 'add'],
  ['stores', 'list'],
  ['stores', 'remove'],
  ['usage'],
  ['backup'],
  ['backups'],
  ['verify'],
  ['ls'],
  ['restore'],
  ['undo'],
  ['sample'],
  ['serve'],
  ['jobs'],
  ['doctor'],
];

describe('help', () => {
  it.each(commands.map((words) => [words.join(' '), words] as const))('of %s shows an example', async (name, words) => {
    const { code, out, err } = await runCommand([...words, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Usage: larder ${name}`);
    expect(out).toMatch(new RegExp(`Examples?:\\n  larder ${name}`));
    expect(out).toContain('--json');
  });

  it('and the version go to stdout', async () => {
    expect((await runCommand(['--help'])).out).toContain('backups');
    expect(await runCommand(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n', err: '' });
  });

  it('without a command goes to stderr, as a mistake', async () => {
    const { code, out, err } = await runCommand([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: larder');
  });
});

describe('a mistake in the command line', () => {
  it.each([
    [['bakup', 'x'], "error: Unknown command 'bakup'.\nDid you mean backup?\n"],
    [['backup', 'x', '--dryrun'], "error: Unknown option '--dryrun'.\nDid you mean --dry-run?\n"],
    [['backup'], "error: Missing required argument 'store'."],
    [['backup', 'a', 'b'], 'error: Too many arguments'],
    [['backup', 'x', '--format', 'rar'], "error: Option '--format <format>' argument 'rar' is invalid."],
    [['usage', '--depth', '-1'], 'error: '],
    [['usage', '--depth', '1.5'], 'error: '],
    [['serve', '--port', '70000'], 'error: '],
    [['serve', '--tls-key', 'x'], 'error: --tls-cert and --tls-key are needed together.'],
  ])('%j exits with 2 and says what', async (args, message) => {
    const { code, out, err } = await runCommand(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it.each([
    [['stores', 'add', ''], 'PATH needs a path'],
    [['stores', 'add', 'x', '--dest', ''], '--dest needs a path'],
    [['stores', 'add', 'x', '--name='], '--name needs a name'],
    [['stores', 'remove', ''], 'STORE needs a name, an id or a path'],
    [['stores', '--home', ''], '--home needs a path'],
    [['--home', '', 'backups'], '--home needs a path'],
    [['usage', ''], 'STORE needs a name, an id or a path'],
    [['backup', ''], 'STORE needs a name, an id or a path'],
    [['backup', 'x', '--dest', ''], '--dest needs a path'],
    [['backups', ''], 'STORE needs a name, an id or a path'],
    [['backups', '--dest', ''], '--dest needs a path'],
    [['verify', ''], 'BACKUP needs an id or a path'],
    [['verify', 'latest', '--dest', ''], '--dest needs a path'],
    [['verify', 'latest:'], 'latest:STORE needs a store'],
    [['ls', ''], 'BACKUP needs an id or a path'],
    [['ls', 'latest', ''], 'PATH needs a path'],
    [['ls', 'latest', '--dest', ''], '--dest needs a path'],
    [['restore', '', '--yes'], 'BACKUP needs an id or a path'],
    [['restore', 'latest', '--yes', '--to', ''], '--to needs a path'],
    [['restore', 'latest', '--yes', '--dest', ''], '--dest needs a path'],
    [['restore', 'latest', '--yes', '--path', ''], '--path needs a path'],
    [['restore', 'latest', '--yes', '--path', 'a', '--path', ''], '--path needs a path'],
    [['restore', 'latest', '--yes', '--path', '/'], '--path needs a path'],
    [['restore', 'latest', '--yes', '--path', '//'], '--path needs a path'],
    [['undo', '', '--yes'], 'RESTORE needs an id'],
    [['sample', ''], 'PATH needs a path'],
    [['serve', '--tls-cert', '', '--tls-key', 'x'], '--tls-cert needs a path'],
    [['serve', '--interface', ''], '--interface needs a path'],
    [['serve', '--host', ''], '--host needs an address'],
  ])('%j does not stand for the current folder or for everything', async (args, message) => {
    const { code, out, err, engine } = await runCommand(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${message}; it was empty.\n`);
    expect(engine.asked).toEqual([]);
  });

  it('is a JSON document on stdout when that was asked for', async () => {
    const ran = await runCommand(['bakup', '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({ error: { code: 'INVALID_INPUT', hint: 'Did you mean backup?' } });
  });
});

describe('an error', () => {
  const failing = (error: LarderError) => ({
    answers: {
      'backups.list': () => {
        throw error;
      },
    },
  });

  it.each([
    ['INVALID_INPUT', 2],
    ['NOT_FOUND', 4],
    ['PERMISSION', 1],
    ['BUSY', 5],
    ['CHANGED_ON_DISK', 1],
    ['NO_SPACE', 7],
    ['LIMIT_REACHED', 1],
    ['CORRUPT', 6],
    ['CANCELLED', 130],
    ['UNSUPPORTED', 1],
    ['INTERNAL', 1],
  ] as const)('%s exits with %i', async (code, expected) => {
    expect((await runCommand(['backups'], failing(new LarderError(code, 'Message.')))).code).toBe(expected);
  });

  it('of every code has an exit code', () => {
    for (const code of errorCodes) expect(exitCodeOfError(code)).toBeGreaterThan(0);
  });

  it('is said on stderr with its hint, control characters made harmless', async () => {
    const error = new LarderError('PERMISSION', 'a\u001b[31m\nb may not be read.', { hint: 'Do this.' });
    const { out, err } = await runCommand(['backups'], failing(error));
    expect(out).toBe('');
    expect(err).toBe('error: a\\x1b[31m\\nb may not be read.\nDo this.\n');
  });

  it("is the contract's error object on stdout with --json, and a line on stderr with --json-lines", async () => {
    const error = new LarderError('BUSY', 'Held.', { hint: 'Wait.', details: { pid: 7 } });
    const json = await runCommand(['--json', 'backups'], failing(error));
    expect(json.json()).toEqual({ error: error.toData() });
    expect(json.err).toBe('error: Held.\nWait.\n');
    const lines = await runCommand(['backups', '--json-lines'], failing(error));
    expect(JSON.parse(lines.err)).toEqual({ type: 'error', error: error.toData() });
    expect(lines.json()).toEqual({ error: error.toData() });
  });

  it('when the engine cannot be opened is reported like any other', async () => {
    const { code, err } = await runCommand(['backups'], {
      openEngine: async () => {
        throw new LarderError('PERMISSION', '/home/x may not be written.');
      },
    });
    expect([code, err]).toEqual([1, 'error: /home/x may not be written.\n']);
  });

  it('is red on a terminal only, and not with NO_COLOR', async () => {
    const options = failing(new LarderError('INTERNAL', 'Oh.'));
    const tty = { errIsTty: true };
    expect((await runCommand(['backups'], { ...options, terminal: tty })).err).toContain('\u001b[31m');
    const plain = await runCommand(['backups'], { ...options, terminal: { ...tty, env: { NO_COLOR: '1' } } });
    expect(plain.err).toBe('error: Oh.\n');
    const dumb = await runCommand(['backups'], { ...options, terminal: { ...tty, env: { TERM: 'dumb' } } });
    expect(dumb.err).toBe('error: Oh.\n');
  });
});

describe('output that cannot be written', () => {
  const losing = (code: string) => ({
    terminal: {
      flush: async () => {
        throw Object.assign(new Error(code), { code });
      },
    },
  });

  it.each([
    [
      'ENOSPC',
      7,
      'error: The output could not be written: no space left on its disk.\nFree some space and try again.\n',
    ],
    ['EFBIG', 1, 'error: The output could not be written: EFBIG.\n'],
    ['EIO', 1, 'error: The output could not be written: EIO.\n'],
  ])('with %s exits with %i', async (errno, code, err) => {
    expect(await runCommand(['stores'], losing(errno))).toMatchObject({ code, err });
    expect((await runCommand(['--help'], losing(errno))).code).toBe(code);
  });

  it('does not hide how the command itself ended', async () => {
    expect((await runCommand(['backup', 'unknown'], losing('ENOSPC'))).code).toBe(4);
  });
});

describe('what the engine has to say about Larder itself', () => {
  const notice = { id: 'n', level: 'warn' as const, message: 'It was set\naside.', hint: 'Add stores.', atMs: nowMs };
  const answers = {
    'system.info': () => systemInfo(notice, { ...notice, level: 'info', message: 'Only for information.' }),
    'backups.list': () => ({ backups: [], problems: [], held: [] }),
    'system.doctor': () => ({ ok: true, checks: [] }),
  };

  it('is a note on stderr of any command, with --json too', async () => {
    const err = 'note: It was set\\naside.\nAdd stores.\n';
    expect(await runCommand(['backups'], { answers })).toMatchObject({ code: 0, err });
    const json = await runCommand(['stores', '--json'], { answers });
    expect(json).toMatchObject({ code: 0, err });
    expect(json.json()).toMatchObject({ stores: [{}] });
    expect(await runCommand(['backup', 'unknown'], { answers })).toMatchObject({ code: 4 });
  });

  it('is an object on a line of its own with --json-lines', async () => {
    const { err } = await runCommand(['backups', '--json-lines'], { answers });
    expect(JSON.parse(err)).toEqual({
      type: 'notice',
      level: 'warn',
      message: notice.message,
      hint: notice.hint,
    });
  });

  it('is said once by doctor, which prints it as a finding', async () => {
    const { out, err } = await runCommand(['doctor'], { answers });
    expect(err).toBe('');
    expect(out).toContain('Note: It was set\\naside.\n      Add stores.\n');
  });

  it('does not keep the engine open when it cannot be asked for', async () => {
    const { code, engine } = await runCommand(['backups'], {
      answers: {
        'system.info': () => {
          throw new LarderError('INTERNAL', 'Oh.');
        },
      },
    });
    expect([code, engine.closed]).toEqual([1, true]);
  });
});

describe('the engine', () => {
  it('is opened in the home that --home names, and closed', async () => {
    const ran = await runCommand(['stores', 'list', '--home', 'here']);
    expect(ran.home).toBe('/srv/here');
    expect(ran.engine.closed).toBe(true);
    expect((await runCommand(['stores'])).home).toBe('/home/default');
  });

  it('is closed when the command fails, too', async () => {
    const ran = await runCommand(['backup', 'unknown']);
    expect(ran.code).toBe(4);
    expect(ran.engine.closed).toBe(true);
  });
});
