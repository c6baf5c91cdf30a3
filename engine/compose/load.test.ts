import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLarderError, LarderError } from '../../shared/contract/index.ts';
import { checkProject } from './check.ts';
import { loadProject } from './load.ts';
import type { LoadedProject } from './load.ts';
import { resolveProject } from './model.ts';
import type { Project } from './model.ts';
import { parseCompose } from './parse.ts';
import type { Node } from './tree.ts';
import { textOf } from './tree.ts';

const nowhere = {
  owner: () => undefined,
  fileSystem: () => undefined,
  real: (path: string) => path,
  scripts: () => [],
};

function readerOf(files: Record<string, string>) {
  return {
    read(path: string): string {
      const text = files[path];
      if (text === undefined) throw new LarderError('NOT_FOUND', `${path} is not there.`);
      return text;
    },
  };
}

function load(
  files: Record<string, string>,
  asked = Object.keys(files).filter((path) => /^\/p\/[^/]*\.yaml$/.test(path)),
): LoadedProject {
  return loadProject({ files: asked, home: '/home/me' }, readerOf(files));
}

function project(files: Record<string, string>, asked?: string[], profiles?: string[]): Project {
  return resolveProject(load(files, asked), readerOf(files), profiles);
}

function plain(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar') return node.empty ? null : textOf(node);
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, plain(value)]));
}

const service = (loaded: LoadedProject, name: string): unknown => plain(loaded.services.get(name)?.value);

describe('merging files', () => {
  const merged = (base: string, over: string): unknown => {
    const indent = (text: string): string => text.replace(/^(?=.)/gm, '    ');
    const files = {
      '/p/a.yaml': `services:\n  s:\n${indent(base)}\n`,
      '/p/b.yaml': `services:\n  s:\n${indent(over)}\n`,
    };
    return service(load(files), 's');
  };

  it.each([
    ['plain values are replaced', 'image: a\nuser: x', 'image: b', { image: 'b', user: 'x' }],
    ['mappings merge', 'labels: {a: 1, b: 2}', 'labels: {b: 3, c: 4}', { labels: { a: '1', b: '3', c: '4' } }],
    [
      'environment merges by name in both shapes',
      'environment: [A=1, B=2]',
      'environment: {B: 3, C: null}',
      { environment: { A: '1', B: '3', C: null } },
    ],
    [
      'commands are replaced',
      'command: [a, b]\nentrypoint: x',
      'command: c\nentrypoint: [y]',
      { command: 'c', entrypoint: ['y'] },
    ],
    [
      'health checks replace their test',
      'healthcheck: {test: [a], interval: 1s}',
      'healthcheck: {test: [b]}',
      { healthcheck: { test: ['b'], interval: '1s' } },
    ],
    [
      'volumes are one a target',
      'volumes: [a:/x, b:/y]',
      'volumes: [c:/x/, d:/z]',
      { volumes: ['c:/x/', 'b:/y', 'd:/z'] },
    ],
    [
      'long volumes replace short ones',
      'volumes: [a:/x]',
      'volumes: [{type: bind, source: /s, target: /x}]',
      { volumes: [{ type: 'bind', source: '/s', target: '/x' }] },
    ],
    [
      'lists append',
      'dns: [1.1.1.1]\nports: ["1:1"]',
      'dns: 8.8.8.8\nports: ["2:2"]',
      { dns: ['1.1.1.1', '8.8.8.8'], ports: ['1:1', '2:2'] },
    ],
    ['one value and a list append', 'tmpfs: /a', 'tmpfs: [/b]', { tmpfs: ['/a', '/b'] }],
    ['!reset takes away', 'ports: [a]\nuser: x\nimage: i', 'ports: !reset []\nuser: !reset null', { image: 'i' }],
    [
      '!override replaces',
      'volumes: [a:/x]\nenvironment: {A: 1}',
      'volumes: !override [b:/y]\nenvironment: !override {B: 2}',
      { volumes: ['b:/y'], environment: { B: '2' } },
    ],
    [
      'an empty value does not replace a mapping',
      'environment: {A: 1}\nvolumes: [a:/x]',
      'environment:\nvolumes:',
      { environment: { A: '1' }, volumes: ['a:/x'] },
    ],
    ['!reset without anything to take away', 'image: i', 'volumes: !reset []', { image: 'i' }],
  ])('%s', (_name, base, over, result) => {
    expect(merged(base, over)).toEqual(result);
  });

  it('resolves relative paths of all files against the first', () => {
    const { services, folder } = project(
      { '/p/a.yaml': 'services: {s: {image: redis}}', '/p/sub/b.yaml': 'services: {s: {volumes: ["./d:/data"]}}' },
      ['/p/a.yaml', '/p/sub/b.yaml'],
    );
    expect(folder).toBe('/p');
    expect(services[0]?.mounts[0]).toMatchObject({ host: '/p/d', spot: { file: '/p/sub/b.yaml', line: 1 } });
  });
});

describe('a project', () => {
  it('extends services of other files, whose paths stay theirs', () => {
    const { services } = project({
      '/p/a.yaml': 'services: {s: {extends: {file: sub/b.yaml, service: t}, environment: {A: 2}}}',
      '/p/sub/b.yaml': 'services: {t: {image: redis, environment: [A=1, B=1], volumes: ["./d:/data"]}}',
    });
    expect(services[0]?.mounts[0]?.host).toBe('/p/sub/d');
    expect([...(services[0]?.environment ?? [])].map(([name, { value }]) => `${name}=${value ?? ''}`)).toEqual([
      'A=2',
      'B=1',
    ]);
  });

  it('includes files with their own folder and .env, which the project’s wins over', () => {
    const { services, volumes } = project({
      '/p/a.yaml': 'include: [{path: sub/b.yaml}]\nservices: {s: {image: nginx}}',
      '/p/.env': 'TAG=outer\n',
      '/p/sub/b.yaml':
        'services: {t: {image: "redis:${TAG}-${OWN}", volumes: ["./d:/data", "v:/w"]}}\nvolumes: {v: {}}',
      '/p/sub/.env': 'TAG=inner\nOWN=${TAG}\n',
    });
    expect(services.map(({ name, image }) => `${name} ${image?.text ?? ''}`)).toEqual([
      't redis:outer-outer',
      's nginx',
    ]);
    expect(services[0]?.mounts.map(({ host, source }) => host ?? source)).toEqual(['/p/sub/d', 'v']);
    expect([...volumes.keys()]).toEqual(['v']);
  });

  it('takes its name from the file, from .env, or from its folder', () => {
    const body = 'services: {}';
    expect(project({ '/p/a.yaml': `name: one\n${body}`, '/p/.env': 'COMPOSE_PROJECT_NAME=two' })).toMatchObject({
      name: 'one',
      named: true,
    });
    expect(project({ '/p/a.yaml': body, '/p/.env': 'COMPOSE_PROJECT_NAME=two' })).toMatchObject({
      name: 'two',
      named: true,
    });
    expect(project({ '/My App/a.yaml': body }, ['/My App/a.yaml'])).toMatchObject({ name: 'myapp', named: false });
  });

  it('leaves out services of other profiles', () => {
    const files = {
      '/p/a.yaml': 'services: {a: {image: x}, b: {image: x, profiles: [dev]}, c: {image: x, profiles: [prod, gpu]}}',
    };
    const names = (profiles?: string[]): string[] =>
      project(files, undefined, profiles).services.map(({ name }) => name);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(names([])).toEqual(['a']);
    expect(names(['gpu'])).toEqual(['a', 'c']);
  });

  it('takes a missing --env-file for a mistake, and a missing .env for nothing', () => {
    const files = { '/p/a.yaml': 'services: {}' };
    expect(() => loadProject({ files: ['/p/a.yaml'], home: '/h', envFile: '/p/gone' }, readerOf(files))).toThrow(
      /gone/,
    );
    expect(load(files).problems).toEqual([]);
  });
});

describe('what is refused', () => {
  const scope = { folder: '/p', variables: new Map<string, string>() };
  const problem = (text: string): string =>
    parseCompose('/p/f', text, scope)
      .problems.map(({ message }) => message)
      .join(' ');

  it('is told with its place', () => {
    expect(parseCompose('/p/f', 'a: 1\nb: [x', scope).problems[0]).toMatchObject({ spot: { line: 2 } });
    expect(problem('- a\n- b')).toContain('mapping');
    expect(problem('a: 1\na: 2')).toContain('twice');
    expect(problem('a: *gone')).not.toBe('');
    expect(problem('a: &x [*x]')).toContain('itself');
    expect(problem('? [a, b]\n: c')).toContain('key');
    expect(problem('')).toBe('');
    expect(problem('# nothing\n')).toBe('');
  });

  it('is what nests or multiplies without end', () => {
    expect(problem(`a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toContain('deep');
    expect(problem(`a: ${'['.repeat(100)}${']'.repeat(100)}`)).toContain('deep');
    expect(problem(`a: ${'{b: '.repeat(1_500)}`)).not.toBe('');
    expect(problem(`${'- '.repeat(3_000)}a`)).toContain('deep');
    expect(problem(Array.from({ length: 3_000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'))).toContain('deep');
    expect(problem(`x: &x 1\na: [${'*x, '.repeat(3_000)}*x]`)).toContain('aliases');
    const laughs = ['a0: &a0 {x: 1}'];
    for (let level = 1; level < 40; level++) {
      const one = `*a${level - 1}`;
      laughs.push(`a${level}: &a${level} {l: ${one}, m: ${one}, n: ${one}}`);
    }
    const bomb = `${laughs.join('\n')}\n`;
    // Reading it costs nothing, for nothing is copied.
    expect(parseCompose('/p/f', bomb, scope).root?.entries.size).toBe(40);
    // Merging it with itself has an end.
    const text = `${bomb}services: {s: {image: redis, x: *a39}}`;
    expect(() => load({ '/p/a.yaml': text.replaceAll('{l:', '{l: '), '/p/b.yaml': text })).toThrow(/too many steps/);
  });

  it('is read in a moment, however it is made', () => {
    const wide = `x: &x {a: 1}\n${Array.from({ length: 1_900 }, (_, index) => `k${index}: *x`).join('\n')}\n`;
    expect(problem(`${wide}l: [${'a, '.repeat(100_000)}a]`)).toBe('');
    expect(problem('a: &x 1\nb: &x 2\nc: *x')).toBe('');
    expect(problem('!'.repeat(100_000)).length).toBeLessThan(400);
  });

  it('is a chain of services or files that is too long', () => {
    const chain = Array.from({ length: 400 }, (_, index) => `  s${index}: {extends: s${index + 1}}`).join('\n');
    expect(load({ '/p/a.yaml': `services:\n${chain}\n  s400: {image: x}` }).problems[0]?.message).toContain('deep');
    const files: Record<string, string> = {};
    for (let index = 0; index < 200; index++) files[`/p/${index}/a.yaml`] = `include: ["../${index + 1}/a.yaml"]`;
    expect(load(files, ['/p/0/a.yaml']).problems[0]?.message).toContain('deep');
  });
});

describe('arbitrary files', () => {
  const key = fc.constantFrom(
    ...'services volumes image build command entrypoint environment env_file extends include name tmpfs volumes_from profiles user deploy replicas file service path target source type external driver_opts device o << x-a db s'.split(
      ' ',
    ),
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      'redis:7',
      'postgres',
      './d:/data',
      '/data',
      'v:/x',
      '${A:-${B}}',
      '${',
      '~',
      '*a',
      '&a x',
      '!reset null',
      '!override []',
      'true',
      'a=b',
      '"q',
      '[',
      '{',
      'b.yaml',
      's',
      '',
    ),
    fc.string({ maxLength: 12 }),
  );
  const { value } = fc.letrec<{ value: unknown; map: unknown; list: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: 'small', maxDepth: 6 }, leaf, tie('map'), tie('list')),
    map: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    list: fc.array(tie('value'), { maxLength: 4 }),
  }));
  const written = (node: unknown): string => {
    if (typeof node === 'string') return node;
    if (Array.isArray(node)) return `[${node.map(written).join(', ')}]`;
    return `{${Object.entries(node as object)
      .map(([name, each]) => `${name}: ${written(each)}`)
      .join(', ')}}`;
  };
  const file = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.dictionary(key, value).map((root) =>
        Object.entries(root)
          .map(([name, each]) => `${name}: ${written(each)}`)
          .join('\n'),
      ),
    },
    {
      weight: 4,
      arbitrary: fc
        .dictionary(fc.constantFrom('db', 's', 't'), fc.dictionary(key, value))
        .map((services) => `services: ${written(services)}\n`),
    },
    { weight: 1, arbitrary: fc.string() },
  );

  it('never make it throw anything but a LarderError', () => {
    fc.assert(
      fc.property(file, file, fc.string(), (a, b, env) => {
        const files = { '/p/a.yaml': a, '/p/b.yaml': b, '/p/.env': env };
        try {
          const loaded = project(files);
          for (const { spot } of checkProject(loaded, { facts: nowhere }).findings) {
            expect(spot.line).toBeGreaterThan(0);
            expect(spot.column).toBeGreaterThan(0);
          }
        } catch (error) {
          if (!isLarderError(error)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });
});
