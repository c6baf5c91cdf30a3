import { describe, expect, it } from 'vitest';
import type { ComposeCheck, ComposeFixPlan } from '../../shared/contract/index.ts';
import { runCommand } from '../testing/world.ts';

const file = '/srv/app/compose.yaml';
const check: ComposeCheck = {
  projects: [
    {
      folder: '/srv/app',
      name: 'app',
      files: [file, '/srv/app/more.yaml'],
      services: [{ name: 'db', file, line: 2, column: 3, profiles: [], mounts: [] }],
      findings: [
        {
          id: 'f1',
          rule: 'data-not-mounted',
          severity: 'error',
          file,
          line: 3,
          column: 12,
          service: 'db',
          subject: '/data',
          message: 'Nothing is mounted.',
          why: 'It is gone.',
          fix: {
            title: 'Mount it',
            patch: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n',
            files: [file],
            safe: true,
            note: 'Copy first.',
          },
        },
        {
          id: 'f2',
          rule: 'bind-owner',
          severity: 'warning',
          file,
          line: 4,
          column: 1,
          subject: '/x',
          message: 'Other\u001b[31m owner.',
          why: 'It stops.',
          command: 'sudo chown 1:1 /x',
        },
      ],
      cannotTell: [
        { file, line: 9, column: 3, service: 'web', subject: 'image', message: 'Not known.', why: 'Built here.' },
      ],
    },
  ],
  counts: { errors: 1, warnings: 1, infos: 0, cannotTell: 1 },
};
const clean: ComposeCheck = {
  projects: [{ folder: '/srv/app', name: 'app', files: [file], services: [], findings: [], cannotTell: [] }],
  counts: { errors: 0, warnings: 0, infos: 0, cannotTell: 0 },
};
const warned: ComposeCheck = { ...clean, counts: { errors: 0, warnings: 1, infos: 0, cannotTell: 0 } };
const plan: ComposeFixPlan = {
  id: 'plan-1',
  files: [{ file, patch: '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n' }],
  mended: [{ id: 'f1', rule: 'data-not-mounted', message: 'Nothing is mounted.', title: 'Mount it' }],
  left: [],
};

describe('larder compose check', () => {
  it('shows what is wrong by file, with place, reason and patch, and exits with 8', async () => {
    const ran = await runCommand(['compose', 'check', 'app/compose.yaml'], {
      answers: { 'compose.check': () => check },
    });
    expect(ran.code).toBe(8);
    expect(ran.engine.asked.find(({ name }) => name === 'compose.check')?.input).toEqual({ files: [file] });
    expect(ran.out).toBe(
      `app/compose.yaml
  3:12  error  db: Nothing is mounted.  data-not-mounted
      It is gone.
      Mount it:
        --- a/x
        +++ b/x
        @@ -1 +1 @@
        -a
        +b
      Copy first.
  4:1  warning  Other\\x1b[31m owner.  bind-owner
      It stops.
      Command: sudo chown 1:1 /x
  9:3  cannot tell  web: Not known.
      Built here.

1 error, 1 warning (1 service in 1 project checked; 1 thing cannot be told).
`,
    );
  });

  it('exits with 0 when there is nothing worse than a warning, and with 8 for one with --strict', async () => {
    const run = async (answer: ComposeCheck, ...more: string[]) =>
      runCommand(['compose', 'check', ...more], { answers: { 'compose.check': () => answer } });
    expect((await run(clean)).code).toBe(0);
    expect((await run(clean)).out).toContain('no mistakes found');
    const files = ['/p/a.yml', '/p/b.yml'];
    const together = { ...clean, projects: clean.projects.map((project) => ({ ...project, files })) };
    expect((await run(together)).out).toContain('a.yml with /p/b.yml\n  nothing more found');
    expect((await run(clean, '--strict')).code).toBe(0);
    expect((await run(warned)).code).toBe(0);
    expect((await run(warned, '--strict')).code).toBe(8);
  });

  it('takes this folder, a store, profiles and an env file', async () => {
    const input = async (...more: string[]) => {
      const ran = await runCommand(['compose', 'check', ...more], { answers: { 'compose.check': () => clean } });
      return ran.engine.asked.find(({ name }) => name === 'compose.check')?.input;
    };
    expect(await input()).toEqual({ files: ['/srv'] });
    expect(await input('--store', 'project', '--profile', 'a', '--profile', 'b', '--env-file', 'e')).toEqual({
      store: 'store-1',
      profiles: ['a', 'b'],
      envFile: '/srv/e',
    });
    expect(await input('x', '--store', 'project')).toEqual({ files: ['/srv/x'], store: 'store-1' });
  });

  it('prints the answer as JSON', async () => {
    const ran = await runCommand(['compose', 'check', '--json'], { answers: { 'compose.check': () => check } });
    expect(ran.code).toBe(8);
    expect(ran.json()).toEqual(check);
  });

  it('says when nothing lies beside a store', async () => {
    const nothing = { ...clean, projects: [] };
    const ran = await runCommand(['compose', 'check', '--store', 'project'], {
      answers: { 'compose.check': () => nothing },
    });
    expect(ran).toMatchObject({ code: 0, out: 'There is no compose file beside this store.\n' });
  });
});

describe('larder compose check --fix', () => {
  const answers = {
    'compose.check': () => clean,
    'compose.planFix': () => plan,
    'compose.applyFix': () => ({ undo: 'undo-1', files: [{ file, copy: '/home/default/compose-undo/undo-1/0' }] }),
  };

  it('changes nothing with --dry-run', async () => {
    const ran = await runCommand(['compose', 'check', '--fix', '--dry-run'], { answers });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('+b\n  Nothing is mounted. → Mount it.\nWould change 1 file.\n');
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('compose.applyFix');
    expect((await runCommand(['compose', 'check', '--dry-run'], { answers })).code).toBe(2);
  });

  it('refuses without a terminal and without --yes', async () => {
    const ran = await runCommand(['compose', 'check', '--fix'], { answers });
    expect(ran.code).toBe(2);
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('compose.applyFix');
  });

  it('changes with --yes, and says how to go back', async () => {
    const ran = await runCommand(['compose', 'check', '--fix', '--yes'], { answers });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Changed 1 file. To go back: larder compose undo undo-1\n');
    expect(ran.engine.asked.find(({ name }) => name === 'compose.planFix')?.input).toEqual({
      check: { files: ['/srv'] },
      findings: 'safe',
    });
    const asked = await runCommand(['compose', 'check', '--fix', '--yes', '--json'], { answers });
    expect(asked.json()).toMatchObject({
      undo: 'undo-1',
      changed: [{ file }],
      mended: [{ id: 'f1' }],
      counts: { errors: 0 },
    });
  });

  it('says when there is nothing to be mended', async () => {
    const nothing = { ...answers, 'compose.planFix': () => ({ ...plan, files: [], mended: [] }) };
    const ran = await runCommand(['compose', 'check', '--fix', '--yes'], { answers: nothing });
    expect(ran.out).toContain('No mistakes found');
    expect(ran.engine.asked.map(({ name }) => name)).not.toContain('compose.applyFix');
  });
});

it('larder compose undo puts files back', async () => {
  const ran = await runCommand(['compose', 'undo', 'undo-1'], {
    answers: { 'compose.undoFix': () => ({ files: [file] }) },
  });
  expect(ran).toMatchObject({ code: 0, out: 'app/compose.yaml is as it was before.\n' });
});
