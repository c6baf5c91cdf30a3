import { describe, expect, it } from 'vitest';
import type { Backup } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { endedJob, makeJob, nowMs, runCommand } from '../testing/world.ts';

const backup: Backup = {
  id: '20261120-abc',
  store: 'store-1',
  storeName: 'project',
  archive: '/data/project-backups/p.tar.zst',
  manifest: '/data/project-backups/p.json.zst',
  format: 'zst',
  kind: 'full',
  startedAtMs: nowMs - 3_600_000,
  finishedAtMs: nowMs - 3_595_000,
  files: 12,
  dirs: 3,
  bytes: 4_096,
  storedBytes: 2_048,
  reusedBytes: 0,
  pinned: false,
  encrypted: false,
  neededBy: 0,
  status: 'done',
  skipped: [],
};
const result = { id: backup.id, archive: backup.archive };

describe('larder backup', () => {
  const answers = {
    'backups.start': () => ({ job: 'job-1' }),
    'backups.get': () => backup,
    ...endedJob(makeJob({ result })),
  };

  it('prints the JSON that scripts rely on', async () => {
    const ran = await runCommand(['backup', 'project', '--json'], { answers });
    expect(ran.code).toBe(0);
    expect(ran.json()).toEqual({
      id: '20261120-abc',
      store: 'store-1',
      storeName: 'project',
      archive: '/data/project-backups/p.tar.zst',
      manifest: '/data/project-backups/p.json.zst',
      format: 'zst',
      kind: 'full',
      startedAt: '2026-11-20T11:00:00.000Z',
      finishedAt: '2026-11-20T11:00:05.000Z',
      files: 12,
      dirs: 3,
      bytes: 4096,
      storedBytes: 2048,
      reusedBytes: 0,
      skipped: [],
      status: 'done',
      pinned: false,
      encrypted: false,
      neededBy: 0,
    });
  });

  it('says what it made', async () => {
    const { out } = await runCommand(['backup', 'project'], { answers });
    expect(out).toContain('Backed up project in 5.0 s.\n');
    expect(out).toContain('12 files, 4.0 KiB');
  });

  it.each(['project', 'store-1', '/data/project', '../data/project', 'stor'])('finds its store by %s', async (name) => {
    const { code, engine } = await runCommand(['backup', name], { answers, terminal: { cwd: '/srv' } });
    expect(code).toBe(0);
    expect(engine.asked.find((call) => call.name === 'backups.start')?.input).toEqual({ store: 'store-1' });
  });

  it('passes its options on, with paths made absolute', async () => {
    const { engine } = await runCommand(['backup', 'project', '--dest', 'usb', '--format', 'gz', '--note', 'n'], {
      answers,
    });
    expect(engine.asked.find((call) => call.name === 'backups.start')?.input).toEqual({
      store: 'store-1',
      destination: '/srv/usb',
      format: 'gz',
      note: 'n',
    });
    expect(engine.asked.find((call) => call.name === 'backups.get')?.input).toEqual({
      backup: backup.id,
      destination: '/srv/usb',
    });
  });

  it('exits with 3 and lists what was skipped', async () => {
    const skipped = [{ path: 'run/sock', reason: 'is a socket' }];
    const partial = {
      ...answers,
      'backups.get': (): Backup => ({ ...backup, status: 'partial', skipped }),
      ...endedJob(makeJob({ status: 'partial', warningCount: 1, result }), skipped),
    };
    const ran = await runCommand(['backup', 'project'], { answers: partial });
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('  run/sock: is a socket\n');
    expect((await runCommand(['backup', 'project', '--json'], { answers: partial })).json()).toMatchObject({
      skipped,
      status: 'partial',
    });
  });

  it('only plans with --dry-run', async () => {
    const plan = {
      store: 'store-1',
      destination: '/d',
      format: 'zst' as const,
      kind: 'full' as const,
      encrypted: false,
      unchanged: { files: 0, bytes: 0 },
      files: 3,
      dirs: 1,
      bytes: 30,
      included: [{ path: 'models', role: 'model' as const, files: 3, bytes: 30 }],
      excluded: [{ path: 'cache', reason: 'it is a cache', kind: 'cache' as const, files: 1, bytes: 9 }],
      free: 20,
      needed: 40,
      areaRules: [],
      destinationOnSameDisk: true,
    };
    const planned = { 'backups.plan': () => plan };
    const ran = await runCommand(['backup', 'project', '--dry-run', '--json'], { answers: planned });
    expect(ran.json()).toEqual({ dryRun: true, ...plan });
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('backups.start');
    const { out } = await runCommand(['backup', 'project', '--dry-run'], { answers: planned });
    expect(out).toContain('it is a cache');
    expect(out).toContain('There may not be enough space.');
  });

  it('says which stores there are when there is none of that name', async () => {
    const ran = await runCommand(['backup', 'nope'], { answers });
    expect(ran).toMatchObject({ code: 4, err: 'error: There is no store nope.\nThe store is: project\n' });
  });

  it('says that a result it does not understand is a defect', async () => {
    const ran = await runCommand(['backup', 'project'], {
      answers: { ...answers, ...endedJob(makeJob({ result: { other: 1 } })) },
    });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('does not understand');
  });
});

describe('larder backups', () => {
  const list = (...backups: Backup[]) => ({ answers: { 'backups.list': () => ({ backups, problems: [], held: [] }) } });

  it('lists them as a table and as JSON', async () => {
    const { out } = await runCommand(['backups'], list(backup));
    expect(out).toBe(
      'ID            STORE    MADE     KIND  FILES     SIZE   STORED  VERIFIED  STATUS  FLAGS  NOTE\n' +
        '20261120-abc  project  1 h ago  full     12  4.0 KiB  2.0 KiB  not yet   done\n',
    );
    expect((await runCommand(['backups', '--json'], list(backup))).json()).toMatchObject({
      backups: [{ id: '20261120-abc', startedAt: '2026-11-20T11:00:00.000Z' }],
      problems: [],
    });
  });

  it('shows pins, keys, what needs a backup, samples, held archives and what can be rebuilt', async () => {
    const marked: Backup = {
      ...backup,
      pinned: true,
      encrypted: true,
      neededBy: 2,
      verified: { mode: 'sample', atMs: nowMs, ok: true, covered: 0.3 },
    };
    const answer = {
      backups: [marked],
      problems: [{ path: '/b/lost.tar.zst', message: 'Its manifest is missing.', fix: 'rebuild' as const }],
      held: [
        { archive: '/b/old.tar.zst', bytes: 1024, neededBy: ['a', 'b'] },
        { archive: '/b/done.tar.zst', bytes: 2048, neededBy: [] },
      ],
    };
    const { out } = await runCommand(['backups'], { answers: { 'backups.list': () => answer } });
    expect(out).toContain('pinned, encrypted, needed by 2');
    expect(out).toContain('sample 30 %');
    expect(out).toContain('/b/old.tar.zst (1.0 KiB) is kept for 2 later backups.');
    expect(out).toContain('/b/done.tar.zst (2.0 KiB) is left of a removed backup, and nothing needs it.');
    expect(out).toContain('larder rebuild /b/lost.tar.zst');
  });

  it('shows damage, problems and what to do when there are none', async () => {
    const damaged: Backup = {
      ...backup,
      verified: { mode: 'deep', atMs: nowMs, ok: false },
      problem: 'archive is missing',
    };
    const { out } = await runCommand(['backups'], list(damaged));
    expect(out).toContain('DAMAGED');
    expect(out).toContain('archive is missing');
    expect((await runCommand(['backups'], list())).out).toContain('larder backup STORE');
  });
});

describe('larder verify', () => {
  const found = { ok: true, checkedBytes: 4_096, checkedFiles: 12, problems: [] };
  const verify = (job: Parameters<typeof makeJob>[0]) => ({
    answers: {
      'backups.get': () => backup,
      'backups.list': () => ({
        backups: [{ ...backup, id: 'newer', finishedAtMs: nowMs, problem: 'Its archive is missing.' }, backup],
        problems: [],
        held: [],
      }),
      'backups.verify': () => ({ job: 'job-1' }),
      ...endedJob(makeJob(job)),
    },
  });

  it('prints what was checked', async () => {
    expect((await runCommand(['verify', 'latest', '--json'], verify({ result: found }))).json()).toEqual({
      backup: backup.id,
      ...found,
    });
    const deep = await runCommand(['verify', 'latest:project', '--deep'], verify({ result: found }));
    expect(deep.out).toMatch(/^The backup 20261120-abc of .+ is whole \(12 files, 4\.0 KiB checked, every file\)\.\n$/);
    expect(deep.err).toContain('note: The newer backup newer cannot be used: Its archive is missing.');
    expect(deep.engine.asked.find(({ name }) => name === 'backups.verify')?.input).toEqual({
      backup: 'latest:store-1',
      mode: 'deep',
    });
  });

  it('exits with 6 when damage was found, and names it', async () => {
    const problems = [{ path: 'models/a.bin', archive: '/b/p.tar.zst', kind: 'digest' as const, message: 'differs' }];
    const details = { backup: 'x', archive: '/b/p.tar.zst', ...found, ok: false, problems };
    const error = new LarderError('CORRUPT', 'It is damaged.', { details }).toData();
    const text = await runCommand(['verify', 'latest'], verify({ status: 'failed', error }));
    expect(text.code).toBe(6);
    expect(text.out).toContain('  models/a.bin: differs\n');
    const json = await runCommand(['verify', 'latest', '--json'], verify({ status: 'failed', error }));
    expect(json.code).toBe(6);
    expect(json.json()).toEqual({ backup: backup.id, ok: false, checkedBytes: 4_096, checkedFiles: 12, problems });
  });

  it('makes a path absolute and leaves an id alone', async () => {
    const path = await runCommand(['verify', 'b/p.tar.zst'], verify({ result: found }));
    expect(path.engine.asked.find(({ name }) => name === 'backups.verify')?.input).toMatchObject({
      backup: '/srv/b/p.tar.zst',
    });
    const id = await runCommand(['verify', '20261120'], verify({ result: found }));
    expect(id.engine.asked.find(({ name }) => name === 'backups.verify')?.input).toMatchObject({ backup: '20261120' });
  });
});
