import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { larderYamlSchema, roles } from '../../shared/contract/index.ts';
import type { LarderYaml, LayoutChange } from '../../shared/contract/index.ts';
import { nodeFs } from '../fs/index.ts';
import { editLarderYaml } from './edit.ts';
import type { EditInput } from './edit.ts';
import { ShippedLayouts } from './shipped.ts';
import { parseYaml } from './yaml-text.ts';

const shipped = new ShippedLayouts(nodeFs);
const input: EditInput = {
  text: undefined,
  chosen: undefined,
  find: (id) => shipped.find(id),
  roleOf: () => undefined,
};

function read(text: string): LarderYaml {
  const { value, problems } = parseYaml(text, larderYamlSchema);
  if (value === undefined) throw new Error(`${JSON.stringify(problems)}\n${text}`);
  return value;
}

function edit(text: string | undefined, ...changes: LayoutChange[]): string {
  return editLarderYaml({ ...input, text }, changes);
}

describe('a file that is not there', () => {
  it('is made with the schema for editors, a word on what it is, and the layout it is made of', () => {
    const text = editLarderYaml({ ...input, chosen: 'aura' }, [{ kind: 'set', path: 'redis', backup: 'never' }]);
    expect(text).toBe(
      '# yaml-language-server: $schema=./larder.schema.json\n' +
        '# What the folders of this store are and what holds for them, for Larder and for everybody who works with it.\n' +
        'version: 1\nlayout: aura\nareas:\n  redis:\n    backup: never\n',
    );
  });
});

const team = `# our layout
version: 1   # never change

areas:

  # big ones
  models:         # from training
    role: model   # really
    # because
    backup:       # a week
      # counted in days
      recentDays: 7

  "odd name": {role: log, backup: never}   # flow
  logs: { role: log }
# the end
`;

describe('a file with comments', () => {
  it('keeps every line that is not about the change', () => {
    expect(
      edit(
        team,
        { kind: 'set', path: 'models', backup: 'always', required: true },
        { kind: 'set', path: 'odd name', backup: { recentDays: 3 }, fileMode: '0640' },
        { kind: 'set', path: 'cache', role: 'cache', cleanup: { olderThanHours: 24, only: ['*.tmp'] } },
      ),
    ).toBe(`# our layout
version: 1   # never change

areas:

  # big ones
  models:         # from training
    role: model   # really
    # because
    backup: always # a week
      # counted in days
    required: true

  "odd name": {role: log, backup: { recentDays: 3 }, fileMode: "0640"}   # flow
  logs: { role: log }
  cache:
    role: cache
    cleanup: { olderThanHours: 24, only: ["*.tmp"] }
# the end
`);
  });

  it('takes out values and areas with their lines alone', () => {
    expect(edit(team, { kind: 'remove', path: 'models' }, { kind: 'set', path: 'odd name', backup: null })).toBe(
      `# our layout
version: 1   # never change

areas:

  # big ones

  "odd name": {role: log}   # flow
  logs: { role: log }
# the end
`,
    );
  });

  it('keeps Windows line ends, a missing end of the last line, and a mark at the beginning', () => {
    const windows = '\uFEFFversion: 1\r\nareas:\r\n  logs:\r\n    role: log';
    const text = edit(windows, { kind: 'set', path: 'logs', required: true });
    expect(text).toBe(`${windows}\r\n    required: true\r\n`);
  });

  it('leaves a file alone that says so already', () => {
    expect(edit(team, { kind: 'set', path: 'models', role: 'model', backup: { recentDays: 7 } })).toBe(team);
  });

  it('says an area of the layout is not there, and takes that back', () => {
    const text = 'version: 1\nlayout: aura\n';
    const without = edit(text, { kind: 'remove', path: 'redis' });
    expect(without).toBe('version: 1\nlayout: aura\nwithout: [redis]\n');
    expect(edit(without, { kind: 'set', path: 'redis', backup: 'never' })).toBe(
      'version: 1\nlayout: aura\nareas:\n  redis:\n    backup: never\n',
    );
  });

  it('drops an area that says nothing of its own any more, and the list with the last', () => {
    const text = 'version: 1\nlayout: aura\nareas:\n  redis:\n    backup: never\n';
    expect(edit(text, { kind: 'set', path: 'redis', backup: null })).toBe('version: 1\nlayout: aura\n');
    const said = 'version: 1\nlayout: aura\nareas: # ours\n  redis:\n    backup: never\n';
    expect(read(edit(said, { kind: 'set', path: 'redis', backup: null }))).toEqual({
      version: 1,
      layout: 'aura',
      areas: {},
    });
  });

  it('finds an area however its path is written', () => {
    const text = 'version: 1\nareas:\n  ./logs/:\n    role: log\n';
    expect(edit(text, { kind: 'set', path: 'logs', backup: 'never' })).toContain(
      '  ./logs/:\n    role: log\n    backup: never\n',
    );
  });

  it('chooses another layout', () => {
    expect(edit('version: 1\nlayout: aura # ?\n', { kind: 'layout', layout: 'redis' })).toBe(
      'version: 1\nlayout: redis # ?\n',
    );
    expect(edit('version: 1\nlayout: aura\n', { kind: 'layout', layout: null })).toBe('version: 1\n');
  });
});

describe('what cannot be done is said', () => {
  const code = (text: string | undefined, change: LayoutChange): unknown => {
    try {
      return edit(text, change);
    } catch (error) {
      return error;
    }
  };

  it('a new area without a role', () => {
    expect(code(undefined, { kind: 'set', path: 'x', backup: 'never' })).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each(['/etc', '../up', 'a//b', 'a/../b', 'a\\b'])('the path %s', (path) => {
    expect(code(undefined, { kind: 'set', path, role: 'log' })).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('removing what is not there, and a layout nobody knows', () => {
    expect(code(team, { kind: 'remove', path: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(code(team, { kind: 'layout', layout: 'x' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a broken file, with its line', () => {
    expect(code('version: 1\nareas: [\n', { kind: 'set', path: 'x', role: 'log' })).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('line 3') as unknown,
    });
  });

  it('one area that stands for two', () => {
    const text = 'version: 1\nareas:\n  a: &a\n    role: log\n  b: *a\n';
    expect(code(text, { kind: 'set', path: 'a', role: 'cache' })).toMatchObject({ code: 'UNSUPPORTED' });
    // The other of them can be told apart.
    expect(read(edit(text, { kind: 'set', path: 'c', role: 'cache' })).areas).toHaveProperty('c');
  });
});

const paths = ['logs', 'a/b', 'x y', '.hidden', 'models--*', '2024', 'true', 'ünï', 'c:d', '- e', '#f', "g'h"];
const somePath = fc.constantFrom(...paths);
const someRole = fc.constantFrom(...roles);
const someBackup = fc.oneof(
  fc.constantFrom('always' as const, 'never' as const),
  fc.integer({ min: 1, max: 400 }).map((recentDays) => ({ recentDays })),
);
const someCleanup = fc.oneof(
  fc.constantFrom('never' as const, 'retention' as const),
  fc.integer({ min: 1, max: 99 }).map((olderThanDays) => ({ olderThanDays })),
  fc.integer({ min: 1, max: 99 }).map((olderThanHours) => ({ olderThanHours, only: ['*.tmp', 'a b/**'] })),
);
const someTitle = fc.oneof(
  fc.constantFrom('Logs', 'yes', '12', 'a: b', '# no', "it's", '"q"', ' padded ', '755', '{x}', 'ü', 'two\nlines'),
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => text.isWellFormed()),
);

const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const someSet = fc
  .record(
    {
      path: somePath,
      role: someRole,
      title: orNull(someTitle),
      required: orNull(fc.boolean()),
      backup: orNull(someBackup),
      cleanup: orNull(someCleanup),
      directoryMode: orNull(fc.constantFrom('755', '0750', '2775')),
      owner: orNull(fc.constant('1001:1001')),
    },
    { requiredKeys: ['path', 'role'] },
  )
  .map((change) => ({ kind: 'set' as const, ...change }));

/** A file as people write them: in lines or on one line, with comments and spaces here and there. */
const someArea = fc
  .record({
    path: somePath,
    role: someRole,
    backup: fc.option(someBackup, { nil: undefined }),
    title: fc.option(fc.constantFrom('T', "'q u'", '"d"'), { nil: undefined }),
    inFlow: fc.boolean(),
    remark: fc.constantFrom('', ' # remark', '   # more'),
    above: fc.constantFrom('', '\n', '  # a word\n', '\n    # deeper\n\n'),
    spread: fc.boolean(),
  })
  .map((area) => {
    const name = JSON.stringify(area.path);
    const rule = area.backup === undefined || typeof area.backup === 'string' ? area.backup : undefined;
    const days = typeof area.backup === 'object' ? area.backup.recentDays : undefined;
    const lines = [
      `role:  ${area.role}`,
      ...(area.title === undefined ? [] : [`title: ${area.title}`]),
      ...(rule === undefined ? [] : [`backup: ${rule}`]),
    ];
    if (area.inFlow) {
      const all = [...lines, ...(days === undefined ? [] : [`backup: {recentDays: ${days}}`])];
      return { path: area.path, text: `${area.above}  ${name}:  { ${all.join(', ')} }${area.remark}\n` };
    }
    const block =
      days === undefined
        ? []
        : area.spread
          ? ['backup:', '    # inner', `    recentDays: ${days}`]
          : [`backup: { recentDays: ${days} }`];
    const body = [...lines, ...block].map((line) => `      ${line}${area.remark}\n`).join('');
    return { path: area.path, text: `${area.above}  ${name}:${area.remark}\n${body}` };
  });
const someFile = fc
  .record({
    head: fc.constantFrom('', '# head\n', '---\n', '# a\n\n# b\n'),
    areas: fc.uniqueArray(someArea, { selector: ({ path }) => path, minLength: 0, maxLength: 5 }),
    tail: fc.constantFrom('', '# tail\n', '\n', 'owner: "1:1" # own\n', '# x\nkeepLast:   4\n'),
    eol: fc.constantFrom('\n', '\r\n'),
  })
  .map(({ head, areas, tail, eol }) => ({
    areas,
    text: `${head}version: 1\n${areas.length === 0 ? '' : `areas: # all\n${areas.map(({ text }) => text).join('')}`}${tail}`.replaceAll(
      '\n',
      eol,
    ),
  }));

/** What a file should say after a change, without a look at its text. */
function expected(before: LarderYaml, changes: readonly LayoutChange[]): unknown {
  const areas = new Map(
    Object.entries(before.areas ?? {}).map(([path, area]) => [path, new Map(Object.entries(area))]),
  );
  for (const change of changes) {
    if (change.kind === 'remove') areas.delete(change.path);
    if (change.kind !== 'set') continue;
    const { kind: _, path, ...fields } = change;
    const area = areas.get(path) ?? new Map<string, unknown>();
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) area.delete(name);
      else area.set(name, value);
    }
    areas.set(path, area as Map<string, never>);
  }
  return Object.fromEntries([...areas].map(([path, area]) => [path, Object.fromEntries(area)]));
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const line of whole) if (line === part[at]) at += 1;
  return at === part.length;
}

describe('any edit of any file', () => {
  it('says what was wanted', () => {
    fc.assert(
      fc.property(someFile, fc.array(someSet, { minLength: 1, maxLength: 4 }), ({ text }, changes) => {
        expect(read(edit(text, ...changes)).areas).toEqual(expected(read(text), changes));
      }),
      { numRuns: 150 },
    );
  });

  it('keeps every comment, and every line that is not of the area', () => {
    fc.assert(
      fc.property(someFile, someSet, ({ text, areas }, change) => {
        const lines = edit(text, change).split(/\r?\n/);
        const own = areas.find(({ path }) => path === change.path)?.text.split('\n') ?? [];
        const others = text.split(/\r?\n/).filter((line) => line !== '' && !own.includes(line));
        expect(isSubsequence(others, lines)).toBe(true);
        const remarks = (all: readonly string[]): string[] =>
          all.flatMap((line) => /(?:^|\s)(# (?:head|a|b|all|a word|deeper|inner|tail|own|x))$/.exec(line)?.[1] ?? []);
        expect(remarks(lines)).toEqual(remarks(text.split(/\r?\n/)));
      }),
      { numRuns: 150 },
    );
  });

  it('takes out an area, and nothing else', () => {
    fc.assert(
      fc.property(someFile, fc.nat(), ({ text, areas }, pick) => {
        const area = areas[pick % Math.max(1, areas.length)];
        fc.pre(area !== undefined);
        const after = edit(text, { kind: 'remove', path: area.path });
        expect(read(after).areas ?? {}).toEqual(expected(read(text), [{ kind: 'remove', path: area.path }]));
        const own = area.text.split('\n');
        const others = text.split(/\r?\n/).filter((line) => line !== '' && !own.includes(line));
        // With the last area the list of them may go.
        expect(
          isSubsequence(
            areas.length === 1 ? others.filter((line) => line !== 'areas: # all') : others,
            after.split(/\r?\n/),
          ),
        ).toBe(true);
      }),
    );
  });
});
