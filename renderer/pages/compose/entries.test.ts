import { describe, expect, it } from 'vitest';
import type { ComposeFinding, ComposeProject, ComposeUnknown } from '../../../shared/contract/index.ts';
import { countsWords, entriesOf, nameIn, stepped } from './entries.ts';

const finding = (file: string, line: number, more: Partial<ComposeFinding> = {}): ComposeFinding => ({
  id: `${file}:${line}`,
  rule: 'floating-tag',
  severity: 'warning',
  file,
  line,
  column: 1,
  subject: '',
  message: '',
  why: '',
  ...more,
});
const unknown: ComposeUnknown = { file: '/p/compose.yaml', line: 3, column: 1, subject: '', message: '', why: '' };
const project: ComposeProject = {
  folder: '/p',
  name: 'p',
  files: ['/p/compose.yaml', '/p/compose.override.yaml'],
  services: [],
  findings: [finding('/p/compose.yaml', 9), finding('/p/compose.yaml', 1), finding('/else/base.yaml', 2)],
  cannotTell: [unknown],
};

describe('entries of a check', () => {
  const [only] = entriesOf({ projects: [project], counts: { errors: 0, warnings: 3, infos: 0, cannotTell: 1 } });

  it('stand by file and line, with files that are in order and those elsewhere', () => {
    expect(only?.files.map(({ name, entries }) => [name, entries.map(({ kind, of }) => [kind, of.line])])).toEqual([
      [
        'compose.yaml',
        [
          ['warning', 1],
          ['unknown', 3],
          ['warning', 9],
        ],
      ],
      ['compose.override.yaml', []],
      ['/else/base.yaml', [['warning', 2]]],
    ]);
  });

  it('have keys of their own, in several projects too', () => {
    const counts = { errors: 0, warnings: 6, infos: 0, cannotTell: 2 };
    const keys = entriesOf({ projects: [project, project], counts }).flatMap(({ files }) =>
      files.flatMap(({ entries }) => entries.map(({ key }) => key)),
    );
    expect(new Set(keys).size).toBe(8);
  });

  it('are walked round and round', () => {
    const all = only?.files.flatMap(({ entries }) => entries) ?? [];
    expect(stepped(all, undefined, 1)).toBe(all[0]);
    expect(stepped(all, undefined, -1)).toBe(all[3]);
    expect(stepped(all, all[3]?.key, 1)).toBe(all[0]);
    expect(stepped(all, all[0]?.key, -1)).toBe(all[3]);
    expect(stepped([], undefined, 1)).toBeUndefined();
  });

  it('are named within the folder of the project, on Windows too', () => {
    expect(nameIn('/p', '/p/deploy/a.yaml')).toBe('deploy/a.yaml');
    expect(nameIn('C:\\p', 'C:\\p\\a.yaml')).toBe('a.yaml');
    expect(nameIn('/p', '/pp/a.yaml')).toBe('/pp/a.yaml');
  });

  it('are counted in words', () => {
    expect(countsWords({ errors: 1, warnings: 2, infos: 1, cannotTell: 1 })).toBe(
      '1 error, 2 warnings, 1 note, 1 cannot be told',
    );
    expect(countsWords({ errors: 0, warnings: 0, infos: 0, cannotTell: 0 })).toBeUndefined();
  });
});
