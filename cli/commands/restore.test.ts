import { describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import type { RestorePlan, RestoreRecord, UndoPlan } from '../../shared/contract/index.ts';
import { formatDateTime } from '../../shared/format.ts';
import { endedJob, makeJob, nowMs, runCommand } from '../testing/world.ts';
import type { RunOptions } from '../testing/world.ts';

const plan: RestorePlan = {
  id: 'plan-1',
  fingerprint: 'f',
  backup: '20261120-abc',
  store: 'store-1',
  target: '/data/project',
  inPlace: true,
  created: 2,
  overwritten: 1,
  metadata: 0,
  unchanged: 9,
  kept: 0,
  deleted: 1,
  bytesToWrite: 2_048,
  free: 1_000_000,
  enoughSpace: true,
  items: [
    { path: 'a', action: 'create', bytes: 10 },
    { path: 'b', action: 'delete', bytes: 0 },
    { path: 'c', action: 'unchanged', bytes: 0 },
  ],
  moreItems: 5,
  warnings: [{ path: 'a', message: 'is open in python (pid 7)' }],
};
const elsewhere: RestorePlan = { ...plan, target: '/out', inPlace: false, overwritten: 0, deleted: 0 };
const result = { id: 'r1', created: 2, overwritten: 1, unchanged: 9, deleted: 1, bytes: 2_048, kept: 0 };

function restoring(used: RestorePlan, more: Partial<RunOptions> = {}): RunOptions {
  return {
    answers: {
      'restore.plan': () => used,
      'restore.apply': () => ({ job: 'job-1' }),
      ...endedJob(makeJob({ kind: 'restore', result })),
    },
    ...more,
  };
}

const applied = (ran: { engine: { asked: { name: string }[] } }): boolean =>
  ran.engine.asked.some(({ name }) => name === 'restore.apply');

describe('larder restore', () => {
  it('prints the JSON that scripts rely on', async () => {
    const ran = await runCommand(['restore', 'latest', '--yes', '--json'], restoring(plan));
    expect(ran.code).toBe(0);
    expect(ran.json()).toEqual({ ...result, skipped: [], warnings: plan.warnings, status: 'done' });
  });

  const withResult = (more: object): RunOptions => {
    const { answers } = restoring(plan);
    return { answers: { ...answers, ...endedJob(makeJob({ kind: 'restore', result: { ...result, ...more } })) } };
  };

  it('says how to undo it only where there is something to undo', async () => {
    const nothing = { created: 0, overwritten: 0, deleted: 0, bytes: 0 };
    const args = ['restore', 'latest', '--yes'];
    expect((await runCommand(args, withResult({}))).out).toContain('larder undo r1\n');
    expect((await runCommand(args, withResult({ ...nothing, metadata: 1 }))).out).toContain('larder undo r1\n');
    expect((await runCommand(args, withResult(nothing))).out).not.toContain('undo');
  });

  it('says how many were left alone by the overwrite rule', async () => {
    const args = ['restore', 'latest', '--yes', '--overwrite', 'never'];
    expect((await runCommand(args, withResult({ kept: 3 }))).out).toMatch(
      /left as they are by the overwrite rule +3\n/,
    );
    expect((await runCommand(args, withResult({}))).out).not.toContain('overwrite rule');
    expect((await runCommand([...args, '--json'], withResult({ kept: 3 }))).json()).toMatchObject({ kept: 3 });
  });

  it("prints the plan's warnings once, asked or not", async () => {
    const { out } = await runCommand(['restore', 'latest', '--yes'], restoring(plan));
    expect(out).toContain('Note: a: is open in python (pid 7)\n');
    const terminal = { inIsTty: true, errIsTty: true, ask: async () => 'y' };
    const asked = await runCommand(['restore', 'latest'], restoring(plan, { terminal }));
    expect((asked.err + asked.out).split('Note: ')).toHaveLength(2);
  });

  it('refuses to change files where nobody can be asked', async () => {
    const ran = await runCommand(['restore', 'latest'], restoring(plan));
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('--yes');
    expect(applied(ran)).toBe(false);
  });

  it('asks on a terminal, naming the numbers, and goes ahead with a yes only', async () => {
    const questions: string[] = [];
    const answering = (answer: string) => ({
      terminal: {
        inIsTty: true,
        errIsTty: true,
        ask: async (question: string) => {
          questions.push(question);
          return answer;
        },
      },
    });
    const yes = await runCommand(['restore', 'latest'], restoring(plan, answering('y')));
    expect(yes.code).toBe(0);
    expect(yes.err).toContain('in place, into /data/project');
    expect(yes.err).toContain('is open in python (pid 7)');
    expect(questions).toEqual(['Restore 2 new entries and change 2 others? [y/N] ']);
    for (const answer of ['n', '', 'yesterday']) {
      const no = await runCommand(['restore', 'latest'], restoring(plan, answering(answer)));
      expect(no.code).toBe(130);
      expect(no.err).toContain('Nothing was changed.');
      expect(applied(no)).toBe(false);
    }
  });

  it('does not ask to fill a folder that holds none of it', async () => {
    const ran = await runCommand(['restore', 'latest', '--to', 'out'], restoring(elsewhere));
    expect(ran.code).toBe(0);
    expect(ran.engine.asked.find(({ name }) => name === 'restore.plan')?.input).toEqual({
      backup: 'latest',
      paths: [],
      target: { kind: 'folder', path: '/srv/out' },
      deleteExtra: false,
    });
  });

  it('does not ask about nothing on a terminal', async () => {
    const nothing = { ...plan, created: 0, overwritten: 0, deleted: 0 };
    const terminal = { inIsTty: true, errIsTty: true };
    expect((await runCommand(['restore', 'latest'], restoring(nothing, { terminal }))).code).toBe(0);
    expect((await runCommand(['restore', 'latest'], restoring(nothing))).code).toBe(2);
  });

  it('asks when the folder has something to replace', async () => {
    const ran = await runCommand(['restore', 'latest', '--to', 'out'], restoring({ ...elsewhere, overwritten: 1 }));
    expect(ran.code).toBe(2);
  });

  it('only shows the plan with --dry-run', async () => {
    const ran = await runCommand(['restore', 'latest', '--dry-run'], restoring(plan));
    expect(ran.code).toBe(0);
    expect(applied(ran)).toBe(false);
    expect(ran.out).toContain('  create     a  10 B\n  delete     b\n  and 5 more\n');
    expect((await runCommand(['restore', 'latest', '--dry-run', '--json'], restoring(plan))).json()).toEqual({
      dryRun: true,
      ...plan,
    });
  });

  it('ends quietly when it is interrupted while planning', async () => {
    const interrupt = new AbortController();
    const options = restoring(plan);
    const answers = {
      ...options.answers,
      'restore.plan': () => {
        interrupt.abort();
        throw new LarderError('CANCELLED', 'restore.plan was cancelled.');
      },
    };
    const ran = await runCommand(['restore', 'latest'], { answers, signal: interrupt.signal });
    expect(ran).toMatchObject({ code: 130, out: '', err: 'Cancelled.\n' });
  });

  it('passes its options on', async () => {
    const args = ['restore', 'x', '--yes', '--path', './models/a/', '--path', 'b', '--overwrite', 'never', '--delete'];
    const { engine } = await runCommand([...args, '--dest', '/mnt'], restoring(plan));
    expect(engine.asked.find(({ name }) => name === 'restore.plan')?.input).toEqual({
      backup: 'x',
      paths: ['models/a', 'b'],
      target: { kind: 'inPlace' },
      deleteExtra: true,
      overwrite: 'never',
      destination: '/mnt',
    });
  });

  it.each([
    ['.', []],
    ['./', []],
    ['./x', ['x']],
    ['/x/', ['x']],
    ['.x', ['.x']],
  ])('takes --path %s', async (path, paths) => {
    const { engine } = await runCommand(['restore', 'x', '--yes', '--path', path], restoring(plan));
    expect(engine.asked.find(({ name }) => name === 'restore.plan')?.input).toMatchObject({ paths });
  });

  it('lists what was skipped and exits with 3', async () => {
    const skipped = [{ path: 'a', reason: 'is damaged' }];
    const options = restoring(plan);
    const partial = { ...options.answers, ...endedJob(makeJob({ status: 'partial', result }), skipped) };
    const ran = await runCommand(['restore', 'latest', '--yes', '--json'], { answers: partial });
    expect(ran.code).toBe(3);
    expect(ran.json()).toMatchObject({ skipped, status: 'partial' });
  });
});

describe('larder undo', () => {
  const undo: UndoPlan = {
    id: 'plan-2',
    restore: 'r1-long',
    target: '/data/project',
    putBack: 3,
    removed: 2,
    changedSince: ['x'],
  };
  const record = {
    id: 'r1-long',
    backup: 'b',
    target: '/data/project',
    atMs: nowMs,
    created: 2,
    overwritten: 3,
    deleted: 0,
    bytes: 1,
    status: 'done' as const,
    undoUntilMs: nowMs + 1,
  };
  const undoing = (more: object = {}): RunOptions => ({
    answers: {
      'restore.list': () => ({ restores: [record] }),
      'restore.planUndo': () => undo,
      'restore.applyUndo': () => ({ job: 'job-1' }),
      ...endedJob(makeJob({ kind: 'undo' })),
      ...more,
    },
  });

  it.each(['r1-long', 'r1', 'latest'])('finds the restore by %s', async (reference) => {
    const ran = await runCommand(['undo', reference, '--yes', '--json'], undoing());
    expect(ran.code).toBe(0);
    expect(ran.engine.asked.find(({ name }) => name === 'restore.planUndo')?.input).toEqual({ restore: 'r1-long' });
    expect(ran.json()).toEqual({
      restore: 'r1-long',
      putBack: 3,
      removed: 2,
      changedSince: ['x'],
      skipped: [],
      status: 'done',
    });
  });

  it('refuses where nobody can be asked, and only shows the plan with --dry-run', async () => {
    expect((await runCommand(['undo', 'latest'], undoing())).code).toBe(2);
    const dry = await runCommand(['undo', 'latest', '--dry-run'], undoing());
    expect(dry.code).toBe(0);
    expect(dry.out).toContain('changed since  x');
  });

  it.each([
    ['asking', ['undo', 'latest'], { inIsTty: true, errIsTty: true, ask: async () => 'y' }],
    ['not asking', ['undo', 'latest', '--yes'], {}],
  ])('names the restore that is the latest, %s', async (_how, args, terminal) => {
    const ran = await runCommand(args, { ...undoing(), terminal });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain(`Undoing the restore r1-long into /data/project of ${formatDateTime(nowMs)}:\n`);
  });

  it('does not go on to an earlier restore when the latest is undone', async () => {
    const { undoUntilMs: _until, ...rest } = record;
    const undone = { ...rest, id: 'r2', target: '/out', status: 'undone' as const };
    const list = (...restores: RestoreRecord[]) => undoing({ 'restore.list': () => ({ restores }) });
    const ran = await runCommand(['undo', 'latest', '--yes'], list(undone, record));
    const when = formatDateTime(nowMs);
    expect(ran).toMatchObject({
      code: 4,
      err:
        `error: The newest restore, r2 into /out of ${when}, is already undone.\n` +
        `The next one that can be undone is r1-long into /data/project of ${when}: larder undo r1-long\n`,
    });
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('restore.planUndo');
    const last = await runCommand(['undo', 'latest', '--yes'], list(undone));
    expect(last.code).toBe(4);
    expect(last.err).toContain('There is no other restore');
    const over = await runCommand(['undo', 'latest', '--yes'], list({ ...rest, status: 'done' }));
    expect(over.err).toContain('changed nothing, or can no longer be undone.');
  });

  it('says when there is nothing to undo', async () => {
    const ran = await runCommand(['undo', 'latest', '--yes'], undoing({ 'restore.list': () => ({ restores: [] }) }));
    expect(ran.code).toBe(4);
  });
});
