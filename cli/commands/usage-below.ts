import { isAbsolute } from 'node:path';
import { LarderError } from '../../shared/contract/index.ts';
import type { Output, Skipped, Store, UsageEntry, UsageSummary } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import { insidePath } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { isoTime } from '../iso-time.ts';
import { skippedText } from '../job-result.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

/** What one store answers. */
export interface Answer {
  readonly json: Record<string, unknown>;
  readonly text: string;
  /** Something could not be read. */
  readonly atLeast: boolean;
}

export interface Directory {
  readonly path: string;
  readonly bytes: number;
  readonly allocated: number;
  readonly files: number;
  readonly dirs: number;
  readonly newest: number;
}

/** Entries shown where nothing else is asked for. */
const usualTop = 50;
const entriesAPage = 5_000;
const right = 'right' as const;

/** A path as typed, relative to the store's root or absolute inside it, as the engine knows it. */
export function pathIn(store: Store, typed: string): string {
  if (!isAbsolute(typed)) return insidePath('--path', typed);
  if (typed.replace(/\/+$/, '') === store.path) return '';
  if (typed.startsWith(`${store.path}/`)) return insidePath('--path', typed.slice(store.path.length + 1));
  throw new LarderError('INVALID_INPUT', `${printable(typed)} does not lie in ${printable(store.path)}.`, {
    hint: "Give a path inside the store, relative to its root: 'logs', for example.",
  });
}

/** All entries of a folder, largest first. */
export async function* entriesOf(context: CommandContext, store: Store, path: string): AsyncGenerator<UsageEntry> {
  const client = await context.client();
  for (let offset = 0; ;) {
    const input = { store: store.id, path, offset, limit: entriesAPage };
    const { entries, total } = await client.call('usage.children', input, { signal: context.signal });
    yield* entries;
    offset += entries.length;
    if (entries.length === 0 || offset >= total) return;
  }
}

function isAtOrBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** What could not be read in a folder. */
function unreadableIn({ unreadable }: UsageSummary, path: string): Skipped[] {
  return unreadable.filter((each) => isAtOrBelow(each.path, path));
}

/** A page of a folder; where it is not there because another file system is mounted, says that. */
async function childrenOf(
  context: CommandContext,
  store: Store,
  { mounts }: UsageSummary,
  input: { path: string; limit: number },
): Promise<Output<'usage.children'>> {
  const client = await context.client();
  try {
    return await client.call('usage.children', { store: store.id, ...input }, { signal: context.signal });
  } catch (error) {
    const mount = mounts.find((each) => isAtOrBelow(input.path, each));
    if (mount === undefined || !(error instanceof LarderError) || error.code !== 'NOT_FOUND') throw error;
    throw new LarderError(
      'NOT_FOUND',
      `${printable(input.path)} is not counted: another file system is mounted at ${printable(mount)}.`,
      { hint: `Have it counted with: larder stores set ${printable(store.name)} --cross-mounts on`, cause: error },
    );
  }
}

function entryJson(entry: UsageEntry): Record<string, unknown> {
  return { ...entry, newest: entry.newest === 0 ? null : isoTime(entry.newest) };
}

function entryRow(shown: string, entry: UsageEntry, nowMs: number): string[] {
  const { kind, bytes, allocated, files, newest, unreadable } = entry;
  const name = `${printable(shown)}${kind === 'dir' ? '/' : ''}`;
  return [
    name,
    `${unreadable === undefined ? '' : 'at least '}${formatBytes(bytes)}`,
    formatBytes(allocated),
    kind === 'dir' ? formatCount(files) : '',
    newest === 0 ? '' : formatRelativeTime(newest, nowMs),
    unreadable === undefined ? (kind === 'mount' ? 'another file system' : '') : printable(unreadable),
  ];
}

function entryTable(title: string, rows: string[][]): string {
  return table(
    [
      { title },
      { title: 'SIZE', align: right },
      { title: 'ON DISK', align: right },
      { title: 'FILES', align: right },
      { title: 'NEWEST' },
      { title: '' },
    ],
    rows,
  );
}

/** What is in one folder, largest first; with `directories` those below it instead. */
export async function folder(
  context: CommandContext,
  store: Store,
  summary: UsageSummary,
  path: string,
  options: { top: number | undefined; directories: readonly Directory[] | undefined },
): Promise<Answer> {
  const { top, directories } = options;
  const limit = Math.min(top ?? usualTop, entriesAPage);
  const { entries, total, others, ...figures } = await childrenOf(context, store, summary, { path, limit });
  const unreadable = unreadableIn(summary, path);
  const atLeast = unreadable.length > 0 || entries.some((entry) => entry.unreadable !== undefined);
  const now = context.terminal.now();
  const rows =
    directories?.map(({ path: own, ...directory }) =>
      entryRow(path === '' ? own : own.slice(path.length + 1), { name: own, kind: 'dir', ...directory }, now),
    ) ?? entries.map((entry) => entryRow(entry.name, entry, now));
  rows.push([
    'total',
    `${atLeast ? 'at least ' : ''}${formatBytes(figures.bytes)}`,
    formatBytes(figures.allocated),
    formatCount(figures.files),
    figures.newest === 0 ? '' : formatRelativeTime(figures.newest, now),
    '',
  ]);
  const more =
    directories === undefined && others.entries > 0
      ? `and ${formatQuantity(others.entries, 'smaller one')}, ${formatBytes(others.bytes)} in all; more of them: --top N\n`
      : '';
  return {
    json: {
      store: store.id,
      storeName: store.name,
      ...entryJson({ name: path, kind: 'dir', ...figures }),
      name: undefined,
      kind: undefined,
      path,
      atLeast,
      unreadable,
      total,
      entries: entries.map(entryJson),
      directories: directories?.map((each) => ({ ...each, newest: each.newest === 0 ? null : isoTime(each.newest) })),
    },
    text: `${printable(store.name)}  ${printable(path === '' ? store.path : `${store.path}/${path}`)}\n${entryTable('NAME', rows)}${more}${skippedText(unreadable)}`,
    atLeast,
  };
}

/** What has a text in its name, largest first. */
export async function found(
  context: CommandContext,
  store: Store,
  summary: UsageSummary,
  path: string,
  options: { text: string; top: number | undefined },
): Promise<Answer> {
  const { text, top } = options;
  if (text === '') throw new LarderError('INVALID_INPUT', '--find needs a text; it was empty.');
  const client = await context.client();
  const limit = Math.min(top ?? usualTop, entriesAPage);
  const { entries, total } = await client.call(
    'usage.find',
    { store: store.id, path, text, limit },
    { signal: context.signal },
  );
  const unreadable = unreadableIn(summary, path);
  const atLeast = unreadable.length > 0 || entries.some((entry) => entry.unreadable !== undefined);
  const now = context.terminal.now();
  const more = total - entries.length;
  return {
    json: {
      store: store.id,
      storeName: store.name,
      path,
      find: text,
      atLeast,
      unreadable,
      total,
      entries: entries.map(entryJson),
    },
    text:
      `${printable(store.name)}  ${printable(store.path)}\n` +
      (total === 0
        ? `Nothing has ${printable(text)} in its name.\n`
        : entryTable(
            'PATH',
            entries.map((entry) => entryRow(entry.path, entry, now)),
          )) +
      (more > 0 ? `and ${formatQuantity(more, 'smaller one')}; more of them: --top N\n` : '') +
      skippedText(unreadable),
    atLeast,
  };
}
