import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseEnv } from './dotenv.ts';
import { interpolate, unknownMark } from './interpolate.ts';

const variables = new Map([
  ['SET', 'value'],
  ['EMPTY', ''],
  ['NAME', 'x-y'],
]);
const text = (source: string): string => interpolate(source, variables).text;

it.each([
  ['plain', 'plain'],
  ['$SET', 'value'],
  ['a${SET}b$SET-c', 'avaluebvalue-c'],
  ['$$SET $$${SET}', '$SET $value'],
  ['${SET:-other}', 'value'],
  ['${EMPTY:-other}', 'other'],
  ['${EMPTY-other}', ''],
  ['${GONE-other}', 'other'],
  ['${GONE:-}', ''],
  ['${GONE:-a:b:/c}', 'a:b:/c'],
  ['${GONE:-${ALSO:-${SET}}}/x', 'value/x'],
  ['${GONE:-${ALSO-a}-${SET}}', 'a-value'],
  ['${SET:+there}', 'there'],
  ['${EMPTY:+there}', ''],
  ['${EMPTY+there}', 'there'],
  ['${GONE+there}', ''],
  ['${SET:?needed}', 'value'],
  ['${EMPTY?needed}', ''],
  ['${SET:+${NAME:-n}}', 'x-y'],
])('%s is %s', (source, result) => {
  expect(interpolate(source, variables)).toEqual({ text: result, unset: [] });
});

it('tells variables without a value, and what cannot be read', () => {
  expect(interpolate('a$GONE/${ALSO}', variables)).toEqual({
    text: `a${unknownMark}/${unknownMark}`,
    unset: ['GONE', 'ALSO'],
  });
  expect(interpolate('${EMPTY:?needed}', variables)).toMatchObject({ unset: ['EMPTY'] });
  for (const wrong of ['${', '${SET', '$', 'a$ b', '$1', '${1A}', '${A B}', '${}', '${A:}', '${'.repeat(50)]) {
    expect(interpolate(wrong, variables).problem, wrong).toBeDefined();
  }
  expect(interpolate('${A:-'.repeat(40) + '}'.repeat(40), variables).problem).toContain('nested');
});

it('never throws, and takes no longer for text made for it', () => {
  const piece = fc.constantFrom('$', '{', '}', ':', '-', '?', '+', 'A', 'SET', '$$', '${', '/', ' ', '\n', '\u0000');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.dictionary(fc.string(), fc.string()), (pieces, values) => {
      const result = interpolate(pieces.join(''), new Map(Object.entries(values)));
      expect(typeof result.text).toBe('string');
    }),
  );
  fc.assert(fc.property(fc.string(), (source) => Array.isArray(parseEnv(source, variables))));
});

it('reads env files as Compose does', () => {
  const read = parseEnv(
    [
      '\uFEFF# comment',
      'PLAIN=a b # trailing',
      'HASH=a#b',
      'export EXPORTED = x',
      "SINGLE='$SET \\n # kept'",
      'DOUBLE="$SET\\t${GONE:-d} \\"q\\""',
      'MULTI="one',
      'two"',
      'YAML: style',
      'LATER=${PLAIN}/more',
      'EMPTY=',
      'UNSET=$NOTHING',
      'NAME_ALONE',
      '=nothing',
      'BROKEN=${',
      'OPEN="never closed',
    ].join('\r\n'),
    variables,
  );
  expect(Object.fromEntries(read.map(({ name, value }) => [name, value]))).toEqual({
    PLAIN: 'a b',
    HASH: 'a#b',
    EXPORTED: 'x',
    SINGLE: '$SET \\n # kept',
    DOUBLE: 'value\td "q"',
    MULTI: 'one\ntwo',
    YAML: 'style',
    LATER: 'a b/more',
    EMPTY: '',
    UNSET: '',
    BROKEN: '${',
    OPEN: 'never closed',
  });
  expect(read.find(({ name }) => name === 'EXPORTED')).toMatchObject({ line: 4, column: 8 });
  expect(read.find(({ name }) => name === 'YAML')).toMatchObject({ line: 9, column: 1 });
});

it('fills variables in as text, not as patterns', () => {
  expect(interpolate('${A}', new Map([['A', '$B $& $1']])).text).toBe('$B $& $1');
  expect(text('${GONE:-$SET}')).toBe('value');
});
