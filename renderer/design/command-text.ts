/** One argument as a POSIX shell reads it back: left alone where that is safe, else in single quotes. */
export function quoteArgument(argument: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** The `larder` line for these arguments; what is undefined or false is left out. */
export function larderCommand(...args: readonly (string | undefined | false)[]): string {
  const given = args.filter((argument): argument is string => typeof argument === 'string');
  return ['larder', ...given.map(quoteArgument)].join(' ');
}
