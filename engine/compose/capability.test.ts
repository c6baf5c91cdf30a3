import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compose as contract } from '../../shared/contract/index.ts';
import type { ComposeFinding, Input } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { createInlinePool } from '../pool/index.ts';
import { createTestContext } from '../testing/index.ts';
import type { TestContext, TestContextOptions } from '../testing/index.ts';
import { createCompose } from './index.ts';
import { applyChanges, undoChanges } from './write.ts';
import { digestOf } from './files.ts';

const signal = new AbortController().signal;
const bare = `# kept
services:
  db:
    image: postgres:16   # why this one
    environment: {A: b}

  redis:
    image: redis:7
    volumes: ["/data"]
`;

let context: TestContext;
function start(options: TestContextOptions = {}): void {
  context = createTestContext(options);
}
beforeEach(() => start());
afterEach(() => context.close());

function put(path: string, text = bare): string {
  const whole = join(context.folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

async function check(input: Input<'compose.check'>) {
  const { handlers } = createCompose(context);
  return contract.check.output.parse(await handlers.check(contract.check.input.parse(input), { signal }));
}

const rules = (findings: readonly ComposeFinding[]): string[] =>
  findings.map(({ rule, line, service }) => `${rule} ${line} ${service ?? ''}`);

describe('check', () => {
  it('answers for files and folders', async () => {
    const file = put('app/compose.yaml');
    for (const files of [[file], [join(context.folder, 'app')]]) {
      const { projects, counts } = await check({ files });
      expect(projects[0]?.files).toEqual([file]);
      expect(rules(projects[0]?.findings ?? [])).toEqual(['data-not-mounted 4 db', 'anonymous-volume 9 redis']);
      expect(counts).toEqual({ errors: 1, warnings: 1, infos: 0, cannotTell: 0 });
      expect(projects[0]?.services.map(({ name, title }) => [name, title])).toEqual([
        ['db', 'PostgreSQL'],
        ['redis', 'Redis'],
      ]);
    }
  });

  it('refuses what is not there, and folders without a compose file', async () => {
    await expect(check({ files: [join(context.folder, 'gone.yaml')] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(check({ files: [context.folder] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(contract.check.input.safeParse({}).success).toBe(false);
    expect(contract.check.input.safeParse({ files: [] }).success).toBe(false);
  });

  it('finds what lies beside a store, and holds it against the store', async () => {
    mkdirSync(join(context.folder, 'app/data'), { recursive: true });
    mkdirSync(join(context.folder, 'app/.git'));
    put(
      'app/deploy/docker-compose.yml',
      `name: x\nservices:\n  db:\n    image: postgres:16\n    volumes:\n      - ../data/pg:/var/lib/postgresql/data\n  redis:\n    image: redis:7\n    volumes: [../redis:/data]\n`,
    );
    put('app/node_modules/x/compose.yaml');
    const store = context.stores.add({ path: join(context.folder, 'app/data') }).id;
    const { projects } = await check({ store });
    expect(projects).toHaveLength(1);
    expect(rules(projects[0]?.findings ?? [])).toEqual(['bind-outside-store 9 redis']);
    expect((await createCompose(context).checkStore(store)).counts.warnings).toBe(1);
    await expect(check({ store: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('holds compose files against the layout of the store', async () => {
    put(
      'app/data/larder.yaml',
      'version: 1\nareas:\n  models: {role: model, environment: [MODEL_HOME], mounts: [{service: api, target: /app/models}]}\n',
    );
    put('app/compose.yaml', 'name: x\nservices:\n  api:\n    build: .\n    environment: {MODEL_HOME: /models}\n');
    mkdirSync(join(context.folder, 'app/data/models'));
    const store = context.stores.add({ path: join(context.folder, 'app/data') }).id;
    const { projects } = await check({ store });
    expect(rules(projects[0]?.findings ?? [])).toEqual(['layout-mount-missing 3 api', 'data-moved-off-mount 5 api']);
    const { handlers } = createCompose(context);
    const plan = await handlers.planFix({ check: { store }, findings: 'safe' }, { signal });
    expect(plan.files[0]?.patch).toContain('+    volumes:\n+      - ./data/models:/app/models\n');
    await handlers.applyFix({ plan: plan.id }, { signal });
    expect((await check({ store })).counts).toMatchObject({ errors: 0, warnings: 0 });
  });

  it('says what is wrong with a base once, though other files go over it', async () => {
    put('app/compose.yaml', 'name: x\nservices:\n  db:\n    image: postgres:16\n');
    put('app/compose.dev.yaml', 'services:\n  db:\n    restart: always\n    tmpfs: /var/lib/postgresql/data\n');
    const { projects, counts } = await check({ files: [join(context.folder, 'app')] });
    expect(projects.map(({ files, findings }) => `${files.length} ${rules(findings).join()}`)).toEqual([
      '1 data-not-mounted 4 db',
      '2 data-on-tmpfs 4 db',
    ]);
    expect(counts.errors).toBe(2);
  });

  it('gives patches that patch applies', async () => {
    const file = put('app/compose.yaml');
    const { projects } = await check({ files: [file] });
    for (const { fix } of projects[0]?.findings ?? []) {
      writeFileSync(file, bare);
      execFileSync('git', ['apply', '--unsafe-paths', '-'], { cwd: dirname(file), input: fix?.patch ?? '' });
      expect(readFileSync(file, 'utf8')).not.toBe(bare);
    }
  });

  it('gives the same id to the same mistake when lines move', async () => {
    const file = put('compose.yaml');
    const before = await check({ files: [file] });
    put('compose.yaml', `# one more line\n${bare}`);
    const after = await check({ files: [file] });
    const ids = ({ projects }: typeof before): string[] =>
      projects.flatMap(({ findings }) => findings.map(({ id }) => id));
    expect(ids(after)).toEqual(ids(before));
  });
});

describe('source', () => {
  it('gives the text of found files, and of no others', async () => {
    const file = put('compose.yaml');
    const other = put('secret.yaml', 'password: x\n');
    put('secrets.env', 'A=b\n');
    const { handlers } = createCompose(context);
    const source = await handlers.source({ file }, { signal });
    expect(contract.source.output.parse(source)).toMatchObject({ file, text: bare });
    expect(source.findings).toHaveLength(2);
    const root = join(context.folder, 'data');
    mkdirSync(root);
    const store = context.stores.add({ path: root }).id;
    expect((await handlers.source({ file, store }, { signal })).text).toBe(bare);
    await expect(handlers.source({ file: other, store }, { signal })).rejects.toMatchObject({ code: 'PERMISSION' });
    await expect(handlers.source({ file: join(context.folder, 'secrets.env') }, { signal })).rejects.toMatchObject({
      code: 'PERMISSION',
    });
    await expect(handlers.source({ file: '/etc/passwd', store }, { signal })).rejects.toMatchObject({
      code: 'PERMISSION',
    });
    expect(contract.source.paths?.({ file })).toEqual([file]);
  });
});

describe('mending', () => {
  it('plans, applies keeping mode and the rest of the file, and undoes', async () => {
    const file = put('compose.yaml');
    chmodSync(file, 0o640);
    // Giving a file away takes root.
    const owner = process.getuid?.() === 0 ? 4_242 : process.getuid?.();
    chownSync(file, owner ?? 0, process.getgid?.() ?? 0);
    const link = join(context.folder, 'docker-compose.yml');
    symlinkSync('compose.yaml', link);
    const { handlers } = createCompose(context);
    const plan = await handlers.planFix({ check: { files: [link] }, findings: 'safe' }, { signal });
    expect(readFileSync(file, 'utf8')).toBe(bare);
    expect(plan.mended.map(({ rule }) => rule)).toEqual(['data-not-mounted', 'no-project-name', 'anonymous-volume']);
    const { undo, files } = contract.applyFix.output.parse(await handlers.applyFix({ plan: plan.id }, { signal }));
    expect(readFileSync(file, 'utf8')).toBe(
      bare
        .replace('# kept\n', `# kept\nname: data\n`)
        .replace('{A: b}\n', '{A: b}\n    volumes:\n      - db_data:/var/lib/postgresql/data\n')
        .replace('"/data"', '"redis_data:/data"') + '\nvolumes:\n  db_data:\n  redis_data:\n',
    );
    expect(statSync(file)).toMatchObject({ uid: owner });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readFileSync(files[0]?.copy ?? '', 'utf8')).toBe(bare);
    // The second time there is nothing left to do.
    expect((await handlers.planFix({ check: { files: [file] }, findings: 'safe' }, { signal })).files).toEqual([]);
    expect(await handlers.undoFix({ undo }, { signal })).toEqual({ files: [link] });
    expect(readFileSync(file, 'utf8')).toBe(bare);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    await expect(handlers.undoFix({ undo }, { signal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(handlers.applyFix({ plan: plan.id }, { signal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('mends just what is asked for', async () => {
    const file = put('compose.yaml');
    const { projects } = await check({ files: [file] });
    const anonymous = projects[0]?.findings.find(({ rule }) => rule === 'anonymous-volume')?.id ?? '';
    const { handlers } = createCompose(context);
    const plan = await handlers.planFix({ check: { files: [file] }, findings: [anonymous, 'gone'] }, { signal });
    expect(plan).toMatchObject({ mended: [{ id: anonymous }], left: ['gone'] });
    expect(plan.files[0]?.patch).toContain('+    volumes: ["redis_data:/data"]');
  });

  it('refuses a file that has changed since it was planned, or since it was mended', async () => {
    const file = put('compose.yaml');
    const { handlers } = createCompose(context);
    const plan = await handlers.planFix({ check: { files: [file] }, findings: 'safe' }, { signal });
    put('compose.yaml', `${bare}# more\n`);
    await expect(handlers.applyFix({ plan: plan.id }, { signal })).rejects.toMatchObject({ code: 'CHANGED_ON_DISK' });
    expect(readFileSync(file, 'utf8')).toBe(`${bare}# more\n`);
    const again = await handlers.planFix({ check: { files: [file] }, findings: 'safe' }, { signal });
    const { undo } = await handlers.applyFix({ plan: again.id }, { signal });
    put('compose.yaml', 'services: {}\n');
    await expect(handlers.undoFix({ undo }, { signal })).rejects.toMatchObject({ code: 'CHANGED_ON_DISK' });
    expect(readFileSync(file, 'utf8')).toBe('services: {}\n');
  });

  it('leaves everything as it was when one of several files cannot be written', async () => {
    const [one, two] = [put('a/compose.yaml'), put('b/compose.yaml')];
    const fs: FileSystem = {
      ...nodeFs,
      rename(from, to) {
        if (to === two) throw Object.assign(new Error('full'), { code: 'ENOSPC', path: to });
        nodeFs.rename(from, to);
      },
    };
    const changes = [one, two].map((file) => ({ file, digest: digestOf(readFileSync(file)), text: 'x: y\n' }));
    const kept = join(context.home, 'compose-undo', 'x');
    expect(() => applyChanges(fs, changes, kept)).toThrow(expect.objectContaining({ code: 'NO_SPACE' }) as Error);
    expect([one, two].map((file) => readFileSync(file, 'utf8'))).toEqual([bare, bare]);
    expect(() => undoChanges(nodeFs, kept)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }) as Error);
    expect(nodeFs.readDirectory(join(context.folder, 'b')).map(({ name }) => name)).toEqual(['compose.yaml']);
  });

  it('puts back what a crash left half-changed, and what was not changed yet stays', () => {
    const [one, two] = [put('a/compose.yaml'), put('b/compose.yaml')];
    const changes = [one, two].map((file) => ({ file, digest: digestOf(readFileSync(file)), text: 'x: y\n' }));
    const kept = join(context.home, 'compose-undo', 'x');
    applyChanges(nodeFs, changes, kept);
    writeFileSync(two, bare);
    expect(undoChanges(nodeFs, kept)).toEqual([one]);
    expect([one, two].map((file) => readFileSync(file, 'utf8'))).toEqual([bare, bare]);
  });

  it('keeps the last hundred changes', () => {
    const file = put('compose.yaml');
    const all = join(context.home, 'compose-undo');
    for (let index = 0; index < 102; index++) {
      const text = `x: ${index}\n`;
      applyChanges(nodeFs, [{ file, digest: digestOf(readFileSync(file)), text }], join(all, `${index}`));
    }
    expect(nodeFs.readDirectory(all)).toHaveLength(100);
    expect(undoChanges(nodeFs, join(all, '101'))).toEqual([file]);
    expect(readFileSync(file, 'utf8')).toBe('x: 100\n');
  });

  it('leaves the old file where its owner cannot be kept', () => {
    const file = put('compose.yaml');
    const fs: FileSystem = {
      ...nodeFs,
      stat: (path) => Object.assign(nodeFs.stat(path), { uid: 4_242n }),
      lchown(path) {
        throw Object.assign(new Error('no'), { code: 'EPERM', path });
      },
    };
    const changes = [{ file, digest: digestOf(readFileSync(file)), text: 'x: y\n' }];
    expect(() => applyChanges(fs, changes, join(context.home, 'compose-undo', 'y'))).toThrow(
      expect.objectContaining({ code: 'PERMISSION' }) as Error,
    );
    expect(readFileSync(file, 'utf8')).toBe(bare);
  });
});

it('is done by pool tasks, which are given nothing but data', async () => {
  const file = put('compose.yaml');
  const names: string[] = [];
  const inline = createInlinePool();
  const pool = {
    ...inline,
    run: ((task, input, options) => (
      names.push(task.name),
      inline.run(task, structuredClone(input), options)
    )) as typeof inline.run,
  };
  const { handlers } = createCompose({ ...context, pool });
  await handlers.check({ files: [file] }, { signal });
  await handlers.source({ file }, { signal });
  expect(names).toEqual(['compose.check', 'compose.source']);
});
