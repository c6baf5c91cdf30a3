import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store, UsageSummary } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import { examples, findStore, wholeNumber } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { growthOf, growthSpans, growthText } from '../growth.ts';
import type { Growth } from '../growth.ts';
import { skippedText } from '../job-result.ts';
import { isoTime, usageJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

interface Directory {
  readonly path: string;
  readonly bytes: number;
  readonly allocated: number;
  readonly files: number;
  readonly dirs: number;
  readonly newest: number;
}

interface StoreUsage {
  readonly store: Store;
  readonly summary: UsageSummary;
  /** Only with `--depth`. */
  readonly directories: readonly Directory[] | undefined;
  readonly growth: (path: string, allocatedNow: number) => Growth;
}

interface UsageOptions {
  readonly depth?: number;
  readonly top?: number;
}

/** The directories down to `depth` levels, each before what is in it, largest first, at most `top` of each. */
async function directoriesOf(
  context: CommandContext,
  store: Store,
  options: { depth: number; top: number },
): Promise<Directory[]> {
  const client = await context.client();
  const found: Directory[] = [];
  const visit = async (path: string, level: number): Promise<void> => {
    const { entries } = await client.call('usage.children', { store: store.id, path }, { signal: context.signal });
    for (const entry of entries.filter(({ kind }) => kind === 'dir').slice(0, options.top)) {
      const { name, bytes, allocated, files, dirs, newest } = entry;
      const own = path === '' ? name : `${path}/${name}`;
      found.push({ path: own, bytes, allocated, files, dirs, newest });
      if (level < options.depth) await visit(own, level + 1);
    }
  };
  if (options.depth > 0) await visit('', 1);
  return found;
}

async function count(context: CommandContext, store: Store, options: UsageOptions): Promise<StoreUsage> {
  if (store.state !== 'ok') {
    const code = store.state === 'missing' ? 'NOT_FOUND' : 'PERMISSION';
    throw new LarderError(code, store.stateReason ?? `${printable(store.path)} cannot be read.`, {
      hint: 'Connect its disk, or remove the store with: larder stores remove',
    });
  }
  // A single command watches nothing, so what was counted before may be out of date.
  await followJob(context, (client) => client.call('usage.rescan', { store: store.id }));
  const client = await context.client();
  const summary = await client.call('usage.get', { store: store.id }, { signal: context.signal });
  const directories =
    options.depth === undefined
      ? undefined
      : await directoriesOf(context, store, { depth: options.depth, top: options.top ?? Infinity });
  const growth = await growthOf(client, store.id, context.terminal.now(), context.signal);
  return { store, summary, directories, growth };
}

function asJson({ store, summary, directories, growth }: StoreUsage): Record<string, unknown> {
  return {
    ...usageJson(store, summary, growth),
    directories: directories?.map(({ newest, ...directory }) => ({
      ...directory,
      newest: newest === 0 ? null : isoTime(newest),
      growth: growth(directory.path, directory.allocated),
    })),
  };
}

function asText(context: CommandContext, usage: StoreUsage, options: UsageOptions): string {
  const { store, summary, directories, growth } = usage;
  const now = context.terminal.now();
  const whole = growth('', summary.allocated);
  // A history that has just begun would show columns without a figure.
  const spans = growthSpans.filter(({ key }) => whole[key] !== null);
  const row = (name: string, role: string, figures: Omit<Directory, 'path'>, path?: string): string[] => [
    name,
    role,
    formatBytes(figures.bytes),
    formatBytes(figures.allocated),
    formatCount(figures.files),
    ...spans.map(({ key }) => (path === undefined ? '' : growthText(growth(path, figures.allocated)[key]))),
    figures.newest === 0 ? '' : formatRelativeTime(figures.newest, now),
  ];
  const roles = new Map(summary.areas.map((area) => [area.path, area.role as string]));
  const largestFirst = summary.areas.toSorted((a, b) => b.bytes - a.bytes).slice(0, options.top);
  const lines =
    directories?.map((directory) => {
      const indent = '  '.repeat(directory.path.split('/').length - 1);
      const name = directory.path.slice(directory.path.lastIndexOf('/') + 1);
      return row(`${indent}${printable(name)}/`, roles.get(directory.path) ?? '', directory, directory.path);
    }) ?? largestFirst.map((area) => row(`${printable(area.path)}/`, area.role, area, area.path));
  const { loose } = summary;
  if (loose.files > 0) lines.push(row('(files in the root)', '', { ...loose, dirs: 0, newest: 0 }));
  lines.push(row('total', '', summary, ''));
  const right = 'right' as const;
  return (
    `${printable(store.name)}  ${printable(store.path)}\n` +
    table(
      [
        { title: 'DIRECTORY' },
        { title: 'ROLE' },
        { title: 'SIZE', align: right },
        { title: 'ON DISK', align: right },
        { title: 'FILES', align: right },
        ...spans.map(({ title }) => ({ title, align: right })),
        { title: 'NEWEST', align: right },
      ],
      lines,
    ) +
    (summary.atLeast ? 'Not everything could be read, so each figure is "at least".\n' : '') +
    skippedText(summary.unreadable) +
    notes(summary)
  );
}

/** What makes the figures other than a sum of file sizes. */
function notes({ hardLinks, sparse, mounts }: UsageSummary): string {
  const lines: string[] = [];
  if (hardLinks.names > 0) {
    const names = formatQuantity(hardLinks.names, 'name');
    lines.push(`${names} more of files counted once (hard links): ${formatBytes(hardLinks.bytes)}.`);
  }
  if (sparse.files > 0) {
    const files = formatQuantity(sparse.files, 'sparse file');
    lines.push(`${files}: ${formatBytes(sparse.bytes)} of their size is not on the disk.`);
  }
  if (mounts.length > 0) lines.push(`Not counted, other file systems: ${mounts.map(printable).join(', ')}.`);
  return lines.map((line) => `${line}\n`).join('');
}

/** `larder usage [STORE]` */
export function registerUsage(program: Command, run: Run): void {
  program
    .command('usage')
    .argument('[store]', 'name, id or path of the store; every store when not given')
    .option('--depth <levels>', 'show directories down to this many levels', wholeNumber(0, 100))
    .option('--top <n>', 'show only the largest of each directory', wholeNumber(1))
    .description('where the space goes: size, size on disk and files, by area')
    .addHelpText('after', examples('larder usage project --depth 2 --top 5', 'larder usage project --json'))
    .action((name: string | undefined, options: UsageOptions) =>
      run(async (context) => {
        const client = await context.client();
        const stores =
          name === undefined
            ? (await client.call('stores.list', {}, { signal: context.signal })).stores
            : [await findStore(context, name)];
        const usages: StoreUsage[] = [];
        for (const store of stores) usages.push(await count(context, store, options));
        const [only] = usages;
        print(
          context,
          // Where there is but one store, it is the one meant.
          () => (usages.length === 1 && only !== undefined ? asJson(only) : { stores: usages.map(asJson) }),
          () =>
            usages.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : usages.map((usage) => asText(context, usage, options)).join('\n'),
        );
        return usages.some(({ summary }) => summary.atLeast) ? exitCodes.partly : exitCodes.done;
      }),
    );
}
