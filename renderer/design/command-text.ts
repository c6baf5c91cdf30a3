/**
 * One argument, in path text (shared/path-text.ts), as a shell reads it back: left alone where that is safe, else in
 * single quotes. Bytes that are not UTF-8 and control characters need `$'…'`, which bash, zsh and ksh know.
 */
export function quoteArgument(argument: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)) return argument;
  if (/\p{Cc}/u.test(argument) || !argument.isWellFormed()) return `$'${escapeAnsiC(argument)}'`;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

function escapeAnsiC(text: string): string {
  const hex = (value: number): string => `\\x${value.toString(16).padStart(2, '0')}`;
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === "'" || character === '\\') return `\\${character}`;
    if (code < 0x20 || code === 0x7f) return hex(code);
    // The mapping of path text: byte 0x80–0xFF stands as U+DC80–U+DCFF.
    if (code >= 0xdc80 && code <= 0xdcff) return hex(code - 0xdc00);
    return character;
  }).join('');
}

/** The `larder` line for these arguments; what is undefined or false is left out. */
export function larderCommand(...args: readonly (string | undefined | false)[]): string {
  const given = args.filter((argument): argument is string => typeof argument === 'string');
  return ['larder', ...given.map(quoteArgument)].join(' ');
}
