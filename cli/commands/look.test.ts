import { describe, expect, it } from 'vitest';
import type { BackupEntry, Check, Store, UsageSummary } from '../../shared/contract/index.ts';
import { LarderError } from '../../shared/contract/index.ts';
import { ScriptedEngine, endedJob, makeJob, nowMs, runCommand, store } from '../testing/world.ts';
import { modeText } from './ls.ts';

describe('larder ls', () => {
  const entry = (path: string, more: Partial<BackupEntry> = {}): BackupEntry => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    type: 'file',
    bytes: 10,
    files: 1,
    mode: 0o644,
    mtimeMs: nowMs,
    ...more,
  });

  it('shows mode, size, time and name', async () => {
    const entries = [
      entry('models', { type: 'dir', mode: 0o755, bytes: 3_000 }),
      entry('a\nb'),
      entry('link', { type: 'symlink', mode: 0o777, target: '../x' }),
    ];
    const answers = { 'backups.ls': () => ({ entries, total: 3 }) };
    const { out } = await runCommand(['ls', 'latest'], { answers });
    expect(out).toMatch(/^drwxr-xr-x {2}2\.9 KiB .* models\/$/m);
    expect(out).toMatch(/^-rw-r--r-- .* a\\nb$/m);
    expect(out).toMatch(/^lrwxrwxrwx .* link -> \.\.\/x$/m);
    expect((await runCommand(['ls', 'latest', '--json'], { answers })).json()).toMatchObject({
      entries: [
        { path: 'models', type: 'dir', mode: '0755', mtime: '2026-11-20T12:00:00.000Z' },
        {},
        { target: '../x' },
      ],
      total: 3,
    });
  });

  it('asks for page after page until it has all', async () => {
    const all = Array.from({ length: 25 }, (_, index) => entry(`f${index}`));
    const engine = new ScriptedEngine({
      'backups.ls': ({ offset = 0 }) => ({ entries: all.slice(offset, offset + 10), total: all.length }),
    });
    const ran = await runCommand(['ls', 'latest', './models/', '-r', '--json'], { engine });
    expect((ran.json() as { entries: unknown[] }).entries).toHaveLength(25);
    const calls = engine.asked.filter(({ name }) => name === 'backups.ls');
    expect(calls.map(({ input }) => (input as { offset: number }).offset)).toEqual([0, 10, 20]);
    expect(calls[0]?.input).toMatchObject({ path: 'models', recursive: true });
  });

  it.each([
    ['file', 0o4755, '-rwsr-xr-x'],
    ['file', 0o4644, '-rwSr--r--'],
    ['dir', 0o1777, 'drwxrwxrwt'],
    ['dir', 0o2750, 'drwxr-s---'],
  ] as const)('%s %o is %s', (type, mode, text) => {
    expect(modeText(type, mode)).toBe(text);
  });
});

describe('larder usage', () => {
  const figures = { bytes: 3_000, allocated: 8_192, files: 3, dirs: 2, newest: nowMs - 60_000 };
  const summary: UsageSummary = {
    store: 'store-1',
    path: '/data/project',
    ...figures,
    atLeast: false,
    unreadable: [],
    areas: [
      { id: 'small', path: 'small', role: 'other', ...figures, bytes: 1_000, files: 1, dirs: 0, newest: 0 },
      { id: 'models', path: 'models', role: 'model', ...figures, bytes: 2_000, files: 2, dirs: 0 },
    ],
    loose: { bytes: 0, allocated: 0, files: 0 },
    oldest: 0,
    hardLinks: { names: 0, bytes: 0 },
    sparse: { files: 0, bytes: 0 },
    mounts: [],
    countedAtMs: nowMs,
    live: { state: 'off' },
  };
  const answers = {
    'usage.rescan': () => ({ job: 'job-1' }),
    'usage.get': () => summary,
    'usage.series': () => ({ series: [] }),
    ...endedJob(makeJob({ kind: 'count' })),
  };

  it('prints the JSON that scripts rely on', async () => {
    const ran = await runCommand(['usage', 'project', '--json'], { answers });
    expect(ran.json()).toMatchObject({
      store: 'store-1',
      path: '/data/project',
      bytes: 3_000,
      allocated: 8_192,
      files: 3,
      dirs: 2,
      areas: [
        { id: 'small', path: 'small', role: 'other', bytes: 1_000, allocated: 8_192, files: 1, dirs: 0, newest: null },
        { id: 'models', newest: '2026-11-20T11:59:00.000Z' },
      ],
    });
    expect((await runCommand(['usage', '--json'], { answers })).json()).toMatchObject({ store: 'store-1' });
  });

  it('prints several stores as a list', async () => {
    const two: Store[] = [store, { ...store, id: 'store-2', name: 'other' }];
    const ran = await runCommand(['usage', '--json'], {
      answers: { ...answers, 'stores.list': () => ({ stores: two }) },
    });
    expect(ran.json()).toMatchObject({ stores: [{ store: 'store-1' }, { store: 'store-2' }] });
  });

  it('shows areas largest first, and the total', async () => {
    const { out } = await runCommand(['usage', 'project'], { answers });
    const lines = out.split('\n');
    expect(lines[0]).toBe('project  /data/project');
    expect(lines[2]).toMatch(/^models\/ +model +2\.0 KiB +8\.0 KiB +2 +1 min ago$/);
    expect(lines[3]).toMatch(/^small\/ +other/);
    expect(lines[4]).toMatch(/^total/);
    expect((await runCommand(['usage', 'project', '--top', '1'], { answers })).out).not.toContain('small/');
  });

  it('shows growth as far as the history reaches, and what makes the figures other than sums', async () => {
    const { out } = await runCommand(['usage', 'project'], {
      answers: {
        ...answers,
        'usage.get': () => ({
          ...summary,
          hardLinks: { names: 2, bytes: 2_048 },
          sparse: { files: 1, bytes: 4_096 },
          mounts: ['mnt'],
        }),
        'usage.series': ({ sinceMs }) => ({
          series: ['', 'models'].map((path) => ({
            path,
            points: [{ atMs: Math.max(sinceMs, nowMs - 2 * 86_400_000), allocated: 12_288 }],
          })),
        }),
      },
    });
    const lines = out.split('\n');
    expect(lines[1]).toMatch(/FILES +24 H +NEWEST$/);
    expect(lines[2]).toMatch(/^models\/ .* 2 +-4\.0 KiB +1 min ago$/);
    expect(lines[3]).toMatch(/^small\/ .* 1 +–$/);
    const growth = lines.findIndex((line) => line.startsWith('GROWTH'));
    expect(lines.slice(growth, growth + 4)).toEqual([
      'GROWTH      24 H  7 D  30 D  1 Y',
      'model   -4.0 KiB    –     –    –',
      'total   -4.0 KiB    –     –    –',
      '– is not known yet: the history began 2 d ago.',
    ]);
    expect(out).toContain('2 more names of files counted once (hard links): 2.0 KiB.\n');
    expect(out).toContain('1 sparse file: 4.0 KiB of their size is not on the disk.\n');
    expect(out).toContain('Not counted, other file systems: mnt.\n');
  });

  it('goes down as far as --depth says', async () => {
    const entry = (name: string) => ({ name, kind: 'dir' as const, ...figures });
    const children: Record<string, ReturnType<typeof entry>[]> = {
      '': [entry('a'), entry('b')],
      a: [entry('c')],
      'a/c': [entry('d')],
    };
    const ran = await runCommand(['usage', 'project', '--depth', '2', '--json'], {
      answers: {
        ...answers,
        'usage.children': ({ path }) => ({
          path,
          ...figures,
          entries: children[path] ?? [],
          total: children[path]?.length ?? 0,
          others: { entries: 0, bytes: 0, allocated: 0 },
        }),
      },
    });
    const { directories } = ran.json() as { directories: { path: string }[] };
    expect(directories.map(({ path }) => path)).toEqual(['a', 'a/c', 'b']);
  });

  it('has growth by role in its JSON, areas that are gone included', async () => {
    const ran = await runCommand(['usage', 'project', '--json'], {
      answers: {
        ...answers,
        'usage.series': ({ sinceMs }) => ({
          series: [
            { path: '', points: [{ atMs: sinceMs, allocated: 20_000 }] },
            { path: 'small', points: [{ atMs: sinceMs, allocated: 8_000 }] },
            { path: 'logs', points: [{ atMs: sinceMs, allocated: 9_000 }] },
            { path: 'logs/run', points: [{ atMs: sinceMs, allocated: 9_000 }] },
          ],
        }),
      },
    });
    expect((ran.json() as { growth: unknown }).growth).toMatchObject({
      day: 8_192 - 20_000,
      year: 8_192 - 20_000,
      byRole: {
        model: { day: 8_192 },
        log: { week: -9_000 },
        // Of the areas 192; what lies loose in the root is the rest.
        other: { year: 8_192 - 20_000 - 8_192 + 9_000 },
      },
      historySince: null,
    });
  });

  const entry = (name: string, more: object = {}) => ({ name, kind: 'file' as const, ...figures, ...more });
  const page = (path: string, entries: object[]) => ({
    path,
    ...figures,
    entries,
    total: entries.length + 1,
    others: { entries: 1, bytes: 10, allocated: 4_096 },
  });

  it('shows what is in one folder, by its path in the store or on the disk', async () => {
    const engine = new ScriptedEngine({
      ...answers,
      'usage.children': ({ path }) =>
        page(path, [entry('a', { kind: 'dir' }), entry('b\n', { unreadable: 'may not be accessed' })]) as never,
    });
    const ran = await runCommand(['usage', 'project', '--path', './logs/', '--top', '2'], { engine });
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/^project {2}\/data\/project\/logs$/m);
    expect(ran.out).toMatch(/^a\/ +2\.9 KiB +8\.0 KiB +3 +1 min ago$/m);
    expect(ran.out).toMatch(/^b\\n +at least 2\.9 KiB .* may not be accessed$/m);
    expect(ran.out).toContain('and 1 smaller one, 10 B in all; more of them: --top N\n');
    const json = await runCommand(['usage', '--path', '/data/project/logs', '--json'], { engine });
    expect(json.json()).toMatchObject({ store: 'store-1', path: 'logs', bytes: 3_000, entries: [{ name: 'a' }, {}] });
    const inputs = engine.asked.filter(({ name }) => name === 'usage.children').map(({ input }) => input);
    expect(inputs).toMatchObject([{ path: 'logs', limit: 2 }, { path: 'logs' }]);
    const outside = await runCommand(['usage', '--path', '/data/other', '--json'], { engine });
    expect(outside.json()).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    const two: Store[] = [store, { ...store, id: 'store-2', name: 'other' }];
    const many = await runCommand(['usage', '--path', 'logs'], {
      answers: { ...answers, 'stores.list': () => ({ stores: two }) },
    });
    expect(many).toMatchObject({ code: 2 });
    expect(many.err).toContain('name it');
  });

  it('finds what has a text in its name', async () => {
    const engine = new ScriptedEngine({
      ...answers,
      'usage.find': ({ text }) =>
        text === 'none'
          ? { entries: [], total: 0 }
          : { entries: [{ ...entry('a.gguf'), path: 'models/a.gguf' }], total: 7 },
    });
    const ran = await runCommand(['usage', 'project', '--find', '.gguf', '--path', 'models'], { engine });
    expect(ran.out).toMatch(/^models\/a\.gguf +2\.9 KiB +8\.0 KiB +1 min ago$/m);
    expect(ran.out).toContain('and 6 smaller ones; more of them: --top N\n');
    expect(engine.asked.find(({ name }) => name === 'usage.find')?.input).toMatchObject({
      text: '.gguf',
      path: 'models',
      limit: 50,
    });
    const json = await runCommand(['usage', '--find', '.gguf', '--top', '3', '--json'], { engine });
    expect(json.json()).toMatchObject({ find: '.gguf', total: 7, entries: [{ path: 'models/a.gguf', kind: 'file' }] });
    expect((await runCommand(['usage', '--find', 'none'], { engine })).out).toContain('Nothing has none in its name.');
    expect(await runCommand(['usage', '--find', ''], { engine })).toMatchObject({ code: 2 });
  });

  it('asks for page after page of a folder whose directories come late', async () => {
    const all = [...Array.from({ length: 4 }, (_, index) => entry(`f${index}`)), entry('late', { kind: 'dir' })];
    const engine = new ScriptedEngine({
      ...answers,
      'usage.children': ({ path, offset = 0 }) =>
        ({ ...page(path, path === '' ? all.slice(offset, offset + 2) : []), total: path === '' ? 5 : 0 }) as never,
    });
    const ran = await runCommand(['usage', 'project', '--depth', '3', '--json'], { engine });
    expect((ran.json() as { directories: unknown[] }).directories).toMatchObject([{ path: 'late' }]);
  });

  it('exits with 3 when something could not be read, and says what', async () => {
    const unreadable = [{ path: 'secret', reason: 'may not be accessed' }];
    const ran = await runCommand(['usage', 'project'], {
      answers: { ...answers, 'usage.get': () => ({ ...summary, atLeast: true, unreadable }) },
    });
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('  secret: may not be accessed\n');
  });

  it('says of a single folder, too, that not everything in it could be read', async () => {
    const unreadable = [
      { path: 'logs/a/secret', reason: 'may not be accessed' },
      { path: 'logs2', reason: 'may not be accessed' },
    ];
    const engine = new ScriptedEngine({
      ...answers,
      'usage.get': () => ({ ...summary, atLeast: true, unreadable }),
      'usage.children': ({ path }) => page(path, [entry('a', { kind: 'dir' })]) as never,
      'usage.find': () => ({ entries: [], total: 0 }),
    });
    const ran = await runCommand(['usage', 'project', '--path', 'logs'], { engine });
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/^total +at least 2\.9 KiB /m);
    expect(ran.out).toContain('Skipped 1 path:\n  logs/a/secret: may not be accessed\n');
    const json = await runCommand(['usage', 'project', '--path', 'logs2', '--json'], { engine });
    expect(json.code).toBe(3);
    expect(json.json()).toMatchObject({ atLeast: true, unreadable: [{ path: 'logs2' }] });
    const whole = await runCommand(['usage', 'project', '--path', 'log', '--json'], { engine });
    expect(whole.code).toBe(0);
    expect(whole.json()).toMatchObject({ atLeast: false, unreadable: [] });
    const found = await runCommand(['usage', 'project', '--find', 'x', '--path', 'logs'], { engine });
    expect(found.code).toBe(3);
    expect(found.out).toContain('  logs/a/secret: may not be accessed\n');
  });

  it('says of a folder where another file system is mounted that it is not counted', async () => {
    const engine = new ScriptedEngine({
      ...answers,
      'usage.get': () => ({ ...summary, mounts: ['mnt'] }),
      'usage.children': ({ path }) => {
        throw new LarderError('NOT_FOUND', `There is no folder ${path} in project.`);
      },
    });
    for (const path of ['mnt', 'mnt/inside']) {
      const ran = await runCommand(['usage', 'project', '--path', path], { engine });
      expect(ran.code).toBe(4);
      expect(ran.err).toContain(`${path} is not counted: another file system is mounted at mnt.`);
      expect(ran.err).toContain('larder stores set project --cross-mounts on');
    }
    expect((await runCommand(['usage', 'project', '--path', 'mnt2'], { engine })).err).toContain('no folder mnt2');
  });

  it('exits with 4 when the store is not there', async () => {
    const gone: Store = { ...store, state: 'missing', stateReason: '/data/project is not there.' };
    const ran = await runCommand(['usage', 'project'], {
      answers: { ...answers, 'stores.list': () => ({ stores: [gone] }) },
    });
    expect(ran).toMatchObject({ code: 4 });
    expect(ran.err).toContain('/data/project is not there.');
  });
});

describe('larder stores', () => {
  it('adds with absolute paths, lists and removes', async () => {
    const engine = new ScriptedEngine({ 'stores.add': () => store, 'stores.remove': () => ({ ok: true }) });
    const added = await runCommand(['stores', 'add', 'here', '--name', 'n', '--dest', '../b', '--json'], { engine });
    expect(added.json()).toMatchObject({ id: 'store-1', name: 'project', path: '/data/project' });
    expect(engine.asked.find(({ name }) => name === 'stores.add')?.input).toEqual({
      path: '/srv/here',
      name: 'n',
      destination: '/b',
    });
    expect((await runCommand(['stores', '--json'], { engine })).json()).toMatchObject({
      stores: [{ name: 'project' }],
    });
    const removed = await runCommand(['stores', 'remove', 'project'], { engine });
    expect(removed.out).toContain('Its files stay in /data/project');
  });

  it('passes a refusal on', async () => {
    const ran = await runCommand(['stores', 'add', 'x'], {
      answers: {
        'stores.add': () => {
          throw new LarderError('INVALID_INPUT', '/srv/x lies inside the store project.');
        },
      },
    });
    expect(ran).toMatchObject({ code: 2, err: 'error: /srv/x lies inside the store project.\n' });
  });
});

describe('larder doctor', () => {
  const check = (status: Check['status']): Check => ({
    id: status,
    title: `T ${status}`,
    status,
    evidence: 'e',
    fix: 'Do.',
  });
  const info = {
    version: '1',
    platform: 'linux',
    node: '24',
    hostname: 'h',
    userHome: '/h',
    home: '/l',
    zstd: true,
    separator: '/' as const,
    notices: [{ id: 'n', level: 'warn' as const, message: 'A damaged database was set aside.', atMs: nowMs }],
  };

  it('says how each check went and exits with 1 when one failed', async () => {
    const checks = (['pass', 'warn', 'fail', 'skip'] as const).map(check);
    const ran = await runCommand(['doctor'], {
      answers: { 'system.doctor': () => ({ ok: false, checks }), 'system.info': () => info },
    });
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('FAIL  T fail  e\n      Do.\n');
    expect(ran.out).toContain('Note: A damaged database was set aside.');
  });
});

describe('larder jobs', () => {
  const jobs = [
    makeJob({ status: 'running', bytesDone: 5, bytesTotal: 10 }),
    makeJob({
      id: 'job-0',
      status: 'failed',
      finishedAtMs: nowMs + 90_000,
      error: new LarderError('NO_SPACE', 'Full.').toData(),
    }),
  ];
  const answers = { 'jobs.list': () => ({ jobs, more: false }) };

  it('lists them', async () => {
    const { out } = await runCommand(['jobs'], { answers });
    expect(out).toContain('Reading files, 50 %');
    expect(out).toMatch(/failed .* 1 min 30 s {2}Full\.$/m);
    expect((await runCommand(['jobs', '--json'], { answers })).json()).toMatchObject({
      jobs: [
        { id: 'job-1', status: 'running' },
        { id: 'job-0', error: { code: 'NO_SPACE' } },
      ],
    });
  });

  it('watches until interrupted, a line a change', async () => {
    const controller = new AbortController();
    const ran = await runCommand(['jobs', '--watch', '--json'], {
      signal: controller.signal,
      answers: {
        'jobs.list': () => {
          setImmediate(() => controller.abort());
          return { jobs, more: false };
        },
      },
    });
    expect(ran.code).toBe(0);
    expect(ran.out.trimEnd().split('\n')).toHaveLength(2);
  });
});
