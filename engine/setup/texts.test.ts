import { describe, expect, it } from 'vitest';
import {
  composeText,
  environmentText,
  ignoreLine,
  missingLines,
  variablesIn,
  variablesOf,
  withLines,
} from './texts.ts';

describe('the env file', () => {
  it('has the paths containers see, quoted where shells and Compose want it', () => {
    const variables = variablesOf(
      {
        environment: [
          { name: 'MODELS', value: '/app/models', path: 'models' },
          { name: 'MODELS', value: '/other', path: 'models' },
          { name: 'HERE', path: 'a b' },
          { name: 'ALL', path: '' },
          { name: 'BOTH', value: `it's "$x"` },
          { name: 'NEVER', value: 'a\nb' },
          { name: 'TTL', value: '1h' },
        ],
      },
      '/data/store',
    );
    expect(environmentText(variables).split('\n').slice(1)).toEqual([
      'MODELS=/app/models',
      "HERE='/data/store/a b'",
      'ALL=/data/store',
      String.raw`BOTH="it's \"\$x\""`,
      'TTL=1h',
      '',
    ]);
  });

  it('is read as far as setup needs it', () => {
    const text = '# c\nexport A=1\r\n B = "two"  \nC=\nnot a line\n';
    expect([...variablesIn(text)]).toEqual([
      ['A', '1'],
      ['B', 'two'],
      ['C', ''],
    ]);
  });
});

describe('the compose file', () => {
  const layout = {
    areas: [
      { path: 'logs', role: 'log' as const },
      { path: 'redis', role: 'database' as const },
    ],
    containerRoot: '/app/data',
    environment: [{ name: 'A', value: '/x', service: 'web' }],
    mounts: [
      { path: '', service: 'backend', target: '/app/data' },
      { path: 'logs', service: 'backend', target: '/app/logs' },
      { path: 'redis', service: 're dis', target: '/data' },
    ],
  };

  it('mounts every part into its service, and gives the env file to those that see the whole', () => {
    const text = composeText(layout, 'da$ta', 'persistent.env', { uid: 1001, gid: 7 });
    expect(text?.split('\n').slice(3)).toEqual([
      'services:',
      '  backend:',
      '    env_file:',
      '      - "./da$$ta/persistent.env"',
      '    volumes:',
      '      - "./da$$ta:/app/data"',
      '      - "./da$$ta/logs:/app/logs"',
      '  "re dis":',
      '    user: "1001:7"',
      '    volumes:',
      '      - "./da$$ta/redis:/data"',
      '',
    ]);
  });

  it('names no user where the folders are of root', () => {
    expect(composeText(layout, 'data', undefined, undefined)).not.toContain('user:');
  });

  it('is none where the layout mounts nothing', () => {
    expect(composeText({ ...layout, mounts: [] }, 'data', undefined, undefined)).toBeUndefined();
  });
});

describe('lines of .gitignore', () => {
  it.each([
    ['data/logs', '/data/logs/'],
    ['a[1]*?\\b', '/a\\[1]\\*\\?\\\\b/'],
    ['a\nb', undefined],
  ])('%j is %j', (path, line) => expect(ignoreLine(path)).toBe(line));

  const wanted = ['/data/logs/', '/data/models/'];
  it.each([
    ['nothing', '', wanted],
    ['the same', '/data/logs/\n/data/models/\n', []],
    ['the same, written otherwise', 'data/logs\r\n/data/models/\r\n', []],
    ['a folder above', '/data/\n', []],
    ['all that is in a folder above', 'data/*\n', []],
    ['a name anywhere', 'logs/\n', ['/data/models/']],
    ['a comment and an exception', '# /data/logs/\n!/data/models/\n', wanted],
    ['something alike', '/data/logs2/\n/dat\n', wanted],
  ])('where there is %s', (_title, text, missing) => expect(missingLines(text, wanted)).toEqual(missing));

  it('are added in the kind of line ends that the file has', () => {
    expect(withLines('', 'a\n')).toBe('a\n');
    expect(withLines('x', 'a\n')).toBe('x\na\n');
    expect(withLines('x\r\n', 'a\nb\n')).toBe('x\r\na\r\nb\r\n');
  });
});
