import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { dirname, isAbsolute, resolve } from 'node:path';
import { existsSync, realpathSync } from 'node:fs';
import { LarderError } from '../shared/contract/index.ts';
import type { Store } from '../shared/contract/index.ts';
import { formatQuantity } from '../shared/format.ts';
import type { CommandContext } from './context.ts';
import { printable } from './text.ts';

/** Parser of an option that takes a whole number from `min` on. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(
        max === Number.MAX_SAFE_INTEGER ? `It takes a whole number from ${min} on.` : `It takes ${min} to ${max}.`,
      );
    }
    return value;
  };
}

/** Parser of an option that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function oneOf(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

/** The `Example:` lines under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExample${lines.length === 1 ? '' : 's'}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** What a person would write for each name an argument or an option's value has in the help. */
const neededWhenNamed: Readonly<Record<string, string>> = {
  path: 'a path',
  dir: 'a path',
  file: 'a path',
  store: 'a name, an id or a path',
  backup: 'an id or a path',
  restore: 'an id',
  name: 'a name',
  address: 'an address',
};

function requireText(label: string, placeholder: string | undefined, value: unknown): void {
  const needed = neededWhenNamed[placeholder ?? ''];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (needed !== undefined && values.includes('')) throw empty(label, needed);
}

function empty(label: string, needed = 'a path', hint?: string): LarderError {
  return new LarderError('INVALID_INPUT', `${label} needs ${needed}; it was empty.`, { hint });
}

/**
 * Refuses empty texts where something has to be named. To the system an empty path is the current folder, and in a
 * backup it is everything; a script whose variable is not set means neither.
 */
export function refuseEmpty(command: Command): void {
  for (const [index, argument] of command.registeredArguments.entries()) {
    requireText(argument.name().toUpperCase(), argument.name(), command.args[index]);
  }
  for (let each: Command | null = command; each !== null; each = each.parent) {
    for (const option of each.options) {
      const placeholder = /[<[](.+)[>\]]/.exec(option.flags)?.[1];
      requireText(option.long ?? option.flags, placeholder, each.getOptionValue(option.attributeName()));
    }
  }
}

/**
 * A path in a backup as typed, without the `./` and slashes that shells and habit add; `''` is the root, which has to be
 * asked for as `.`. Throws `INVALID_INPUT` for slashes alone, which is what is left of `/$NAME` without a name.
 */
export function insidePath(label: string, path: string): string {
  if (/^\/*$/.test(path)) throw empty(label, 'a path', 'Paths in a backup start at its root. All of it is: .');
  return path.replace(/^(\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
}

export function absolute(context: CommandContext, path: string): string {
  return resolve(context.terminal.cwd, path);
}

/** A backup as the engine understands it: a reference that is a path is made absolute, `latest:STORE` gets the id. */
export async function backupReference(context: CommandContext, text: string): Promise<string> {
  if (text.startsWith('latest:')) {
    const store = text.slice('latest:'.length);
    if (store === '') throw empty('latest:STORE', 'a store');
    return `latest:${(await findStore(context, store)).id}`;
  }
  if (isAbsolute(text)) return text;
  const looksLikePath = text.includes('/') || (process.platform === 'win32' && text.includes('\\'));
  return looksLikePath || existsSync(absolute(context, text)) ? absolute(context, text) : text;
}

/** A store by id, name, path of its root, or unique beginning of its id. Throws `NOT_FOUND` saying which there are. */
export async function findStore(context: CommandContext, text: string): Promise<Store> {
  const { stores } = await (await context.client()).call('stores.list', {}, { signal: context.signal });
  const path = realPathOf(absolute(context, text));
  const starting = text.length >= 4 ? stores.filter((store) => store.id.startsWith(text)) : [];
  const found =
    stores.find((store) => store.id === text) ??
    stores.find((store) => store.name === text) ??
    stores.find((store) => store.path === path) ??
    (starting.length === 1 ? starting[0] : undefined);
  if (found !== undefined) return found;
  const known = stores.map((store) => printable(store.name)).join(', ');
  throw new LarderError('NOT_FOUND', `There is no store ${printable(text)}.`, {
    hint: existsSync(path)
      ? `To register that folder: larder stores add ${printable(text)}`
      : known === ''
        ? 'Register one: larder stores add PATH'
        : `The ${formatQuantity(stores.length, 'store is', 'stores are').replace(/^\S+ /, '')}: ${known}`,
  });
}

/** The real path, or the path as given where it is (no longer) there: a store whose disk is away still has its name. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : path.replace(/[/\\]+$/, '');
  }
}
