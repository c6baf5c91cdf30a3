import { describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import type { Difference } from '../../shared/contract/index.ts';
import { endedJob, makeJob, runCommand } from '../testing/world.ts';

describe('larder cat', () => {
  const content = Buffer.from([0, 255, 10, 200, 1]);
  const answers = {
    'backups.read': ({ offset = 0 }: { offset?: number | undefined }) => ({
      bytes: content.length,
      base64: content.subarray(offset, offset + 2).toString('base64'),
    }),
  };

  it('writes the bytes as they are, stretch after stretch', async () => {
    const ran = await runCommand(['cat', 'latest', './logs/app.log'], { answers });
    expect(ran.code).toBe(0);
    expect(Buffer.from(ran.out, 'latin1').equals(content)).toBe(true);
    expect(ran.engine.asked.at(-1)).toEqual({
      name: 'backups.read',
      input: { backup: 'latest', path: 'logs/app.log', offset: 4 },
    });
  });

  it('stops when nobody reads any more', async () => {
    const ran = await runCommand(['cat', 'latest', 'a'], { answers, terminal: { outClosed: true } });
    expect(ran.engine.asked.filter(({ name }) => name === 'backups.read')).toEqual([]);
  });
});

describe('larder diff', () => {
  const entries: Difference[] = [
    { path: 'a', type: 'file', change: 'added', after: 2048 },
    { path: 'b', type: 'dir', change: 'removed' },
    { path: 'c', type: 'file', change: 'modified', before: 1024, after: 2048 },
    { path: 'd', type: 'file', change: 'metadata', before: 1, after: 1 },
  ];
  const answers = {
    'backups.diff': ({ offset = 0 }: { offset?: number | undefined }) => ({
      added: 1,
      removed: 1,
      modified: 1,
      metadata: 1,
      entries: entries.slice(offset, offset + 3),
      total: 4,
    }),
  };

  it('shows every difference with its sizes, over all pages', async () => {
    const { out, code } = await runCommand(['diff', 'aaa', 'bbb', '--path', 'models'], { answers });
    expect(code).toBe(0);
    expect(out).toBe(
      '+ a  2.0 KiB\n- b/\nM c  1.0 KiB -> 2.0 KiB\nm d\n' +
        '1 added (+), 1 removed (-), 1 modified (M), 1 with other permissions or times (m)\n',
    );
  });

  it('prints the JSON that scripts rely on', async () => {
    const ran = await runCommand(['diff', 'aaa', '--json'], { answers });
    expect(ran.json()).toEqual({ added: 1, removed: 1, modified: 1, metadata: 1, entries });
    expect(ran.engine.asked.at(-1)?.input).not.toHaveProperty('other');
  });

  it('does not call a path alike that is nowhere', async () => {
    const none = { added: 0, removed: 0, modified: 0, metadata: 0, entries: [], total: 0 };
    const ls = (): never => {
      throw new LarderError('NOT_FOUND', 'modles is not in this backup.');
    };
    const ran = await runCommand(['diff', 'aaa', '--path', 'modles'], {
      answers: { 'backups.diff': () => none, 'backups.ls': ls },
    });
    expect(ran.code).toBe(4);
    expect(ran.out).toBe('');
    const alike = await runCommand(['diff', 'aaa', '--path', 'models'], {
      answers: { 'backups.diff': () => none, 'backups.ls': () => ({ path: 'models', entries: [], total: 0 }) },
    });
    expect(alike.out).toBe('There is no difference.\n');
  });
});

describe('larder export', () => {
  const job = makeJob({ result: { file: '/srv/p.tar.gz', files: 2, bytes: 2048 } });
  const answers = { 'backups.export': () => ({ job: 'job-1' }), ...endedJob(job) };

  it('writes to a path below the current folder and says what is in it', async () => {
    const ran = await runCommand(['export', 'latest', 'p.tar.gz'], { answers });
    expect(ran.out).toBe('Wrote /srv/p.tar.gz: 2 files, 2.0 KiB.\n');
    expect(ran.engine.asked.find(({ name }) => name === 'backups.export')?.input).toEqual({
      backup: 'latest',
      file: '/srv/p.tar.gz',
    });
  });
});

describe('larder rebuild', () => {
  it('says which backup is there again', async () => {
    const job = makeJob({ result: { id: 'abc', manifest: '/srv/p.manifest.zst' } });
    const answers = { 'backups.rebuild': () => ({ job: 'job-1' }), ...endedJob(job) };
    const ran = await runCommand(['rebuild', 'p.tar.zst'], { answers });
    expect(ran.out).toBe('The backup abc is there again: /srv/p.manifest.zst\n');
  });
});
