export interface YamlPart {
  readonly kind: 'plain' | 'key' | 'comment';
  readonly text: string;
}

/** A line of YAML in the parts that are drawn apart. It is for the eye alone: a block of text may look like a key. */
export function yamlParts(line: string): readonly YamlPart[] {
  const { code, comment } = withoutComment(line);
  const key = /^(\s*(?:- +)*)([^\s#"'{[][^:]*|"[^"]*"|'[^']*')(:(?:\s.*)?)$/.exec(code);
  const parts: YamlPart[] =
    key === null
      ? [{ kind: 'plain', text: code }]
      : [
          { kind: 'plain', text: key[1] ?? '' },
          { kind: 'key', text: key[2] ?? '' },
          { kind: 'plain', text: key[3] ?? '' },
        ];
  return [...parts, { kind: 'comment' as const, text: comment }].filter(({ text }) => text !== '');
}

/** A comment begins with `#` at the start or after a space (YAML 1.2.2, section 6.6), outside quotes. */
function withoutComment(line: string): { code: string; comment: string } {
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /^$|[\s[{,:]$/.test(line.slice(0, at))) quote = character;
    else if (character === '#' && (at === 0 || /\s/.test(line[at - 1] ?? ''))) {
      return { code: line.slice(0, at), comment: line.slice(at) };
    }
  }
  return { code: line, comment: '' };
}
