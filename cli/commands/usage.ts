import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { Store, UsageSummary } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import { examples, findStore, wholeNumber } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { growthOf, growthReason, growthSpans, growthText } from '../growth.ts';
import type { Growth, StoreGrowth } from '../growth.ts';
import { skippedText } from '../job-result.ts';
import { isoTime } from '../iso-time.ts';
import { usageJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';
import { entriesOf, folder, found, pathIn } from './usage-below.ts';
import type { Answer, Directory } from './usage-below.ts';

interface StoreUsage {
  readonly store: Store;
  readonly summary: UsageSummary;
  /** Only with `--depth`. */
  readonly directories: readonly Directory[] | undefined;
  readonly growth: StoreGrowth;
}

interface UsageOptions {
  readonly depth?: number;
  readonly top?: number;
  readonly path?: string;
  readonly find?: string;
}

/** The directories from `path` down to `depth` levels, each before what is in it, largest first, at most `top` of each. */
async function directoriesOf(
  context: CommandContext,
  store: Store,
  path: string,
  options: { depth: number; top: number },
): Promise<Directory[]> {
  const found: Directory[] = [];
  const visit = async (below: string, level: number): Promise<void> => {
    let left = options.top;
    for await (const { name, kind, bytes, allocated, files, dirs, newest } of entriesOf(context, store, below)) {
      if (kind !== 'dir') continue;
      if (left-- === 0) break;
      const own = below === '' ? name : `${below}/${name}`;
      found.push({ path: own, bytes, allocated, files, dirs, newest });
      if (level < options.depth) await visit(own, level + 1);
    }
  };
  if (options.depth > 0) await visit(path, 1);
  return found;
}

async function recount(context: CommandContext, store: Store): Promise<void> {
  if (store.state !== 'ok') {
    const code = store.state === 'missing' ? 'NOT_FOUND' : 'PERMISSION';
    throw new LarderError(code, store.stateReason ?? `${printable(store.path)} cannot be read.`, {
      hint: 'Connect its disk, or remove the store with: larder stores remove',
    });
  }
  // A single command watches nothing, so what was counted before may be out of date.
  await followJob(context, (client) => client.call('usage.rescan', { store: store.id }));
}

async function count(context: CommandContext, store: Store, options: UsageOptions): Promise<StoreUsage> {
  await recount(context, store);
  const client = await context.client();
  const summary = await client.call('usage.get', { store: store.id }, { signal: context.signal });
  const directories =
    options.depth === undefined
      ? undefined
      : await directoriesOf(context, store, '', { depth: options.depth, top: options.top ?? Infinity });
  const growth = await growthOf(client, store.id, context.terminal.now(), context.signal);
  return { store, summary, directories, growth };
}

function asJson({ store, summary, directories, growth }: StoreUsage): Record<string, unknown> {
  return {
    ...usageJson(store, summary, growth),
    directories: directories?.map(({ newest, ...directory }) => ({
      ...directory,
      newest: newest === 0 ? null : isoTime(newest),
      growth: growth.of(directory.path, directory.allocated),
    })),
  };
}

function asText(context: CommandContext, usage: StoreUsage, options: UsageOptions): string {
  const { store, summary, directories, growth } = usage;
  const now = context.terminal.now();
  const whole = growth.of('', summary.allocated);
  // A history that has just begun would show columns without a figure.
  const spans = growthSpans.filter(({ key }) => whole[key] !== null);
  const row = (name: string, role: string, figures: Omit<Directory, 'path'>, grown?: Growth): string[] => [
    name,
    role,
    formatBytes(figures.bytes),
    formatBytes(figures.allocated),
    formatCount(figures.files),
    ...spans.map(({ key }) => (grown === undefined ? '' : growthText(grown[key]))),
    figures.newest === 0 ? '' : formatRelativeTime(figures.newest, now),
  ];
  const roles = new Map(summary.areas.map((area) => [area.path, area.role as string]));
  const largestFirst = summary.areas.toSorted((a, b) => b.bytes - a.bytes).slice(0, options.top);
  const lines =
    directories?.map((directory) => {
      const indent = '  '.repeat(directory.path.split('/').length - 1);
      const name = directory.path.slice(directory.path.lastIndexOf('/') + 1);
      const grown = growth.of(directory.path, directory.allocated);
      return row(`${indent}${printable(name)}/`, roles.get(directory.path) ?? '', directory, grown);
    }) ??
    largestFirst.map((area) => {
      return row(`${printable(area.path)}/`, area.role, area, growth.ofArea(area.path, summary.areas));
    });
  const { loose } = summary;
  if (loose.files > 0) lines.push(row('(files in the root)', '', { ...loose, dirs: 0, newest: 0 }));
  lines.push(row('total', '', summary, whole));
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
    growthTable(usage, now) +
    (summary.atLeast ? 'Not everything could be read, so each figure is "at least".\n' : '') +
    skippedText(summary.unreadable) +
    notes(store, summary)
  );
}

/** How much each role has grown; nothing before there is a history of a day. */
function growthTable({ summary, growth }: StoreUsage, nowMs: number): string {
  const reason = growthReason(growth, nowMs);
  const why = reason === undefined ? '' : `– is not known yet: ${reason}.\n`;
  const right = 'right' as const;
  const cells = (own: Growth): string[] => growthSpans.map(({ key }) => growthText(own[key]));
  const rows = growth
    .byRole(summary)
    .filter((each) => growthSpans.some(({ key }) => (each.growth[key] ?? 0) !== 0))
    .map((each) => [each.role, ...cells(each.growth)]);
  const total = ['total', ...cells(growth.of('', summary.allocated))];
  return `\n${table([{ title: 'GROWTH' }, ...growthSpans.map(({ title }) => ({ title, align: right }))], [...rows, total])}${why}`;
}

/** What makes the figures other than a sum of file sizes. */
function notes({ rules }: Store, { hardLinks, sparse, mounts }: UsageSummary): string {
  const lines: string[] = [];
  if (hardLinks.names > 0) {
    const names = formatQuantity(hardLinks.names, 'more name');
    lines.push(`${names} of files counted once (hard links): ${formatBytes(hardLinks.bytes)}.`);
  }
  if (sparse.files > 0) {
    const files = formatQuantity(sparse.files, 'sparse file');
    lines.push(`${files}: ${formatBytes(sparse.bytes)} of their size is not on the disk.`);
  }
  if (mounts.length > 0) {
    const what = rules.crossMounts ? 'Counted as far as they hold data' : 'Not counted';
    lines.push(`${what}, other file systems: ${mounts.map(printable).join(', ')}.`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** What is asked of each store: by area, or below one folder, or what has a text in its name. */
async function answer(context: CommandContext, store: Store, options: UsageOptions): Promise<Answer> {
  if (options.path === undefined && options.find === undefined) {
    const usage = await count(context, store, options);
    return { json: asJson(usage), text: asText(context, usage, options), atLeast: usage.summary.atLeast };
  }
  await recount(context, store);
  const path = options.path === undefined ? '' : pathIn(store, options.path);
  const client = await context.client();
  const summary = await client.call('usage.get', { store: store.id }, { signal: context.signal });
  const { find, depth, top } = options;
  if (find !== undefined) return found(context, store, summary, path, { text: find, top });
  const directories =
    depth === undefined ? undefined : await directoriesOf(context, store, path, { depth, top: top ?? Infinity });
  return folder(context, store, summary, path, { top, directories });
}

/** `larder usage [STORE]` */
export function registerUsage(program: Command, run: Run): void {
  program
    .command('usage')
    .argument('[store]', 'name, id or path of the store; every store when not given')
    .option('--depth <levels>', 'show directories down to this many levels', wholeNumber(0, 100))
    .option('--top <n>', 'show only the largest of each directory', wholeNumber(1))
    .option('--path <path>', 'show what is in this folder of the store')
    .option('--find <text>', 'show what has this in its name, anywhere below, largest first')
    .description('where the space goes: size, size on disk, files and growth, by area')
    .addHelpText(
      'after',
      examples(
        'larder usage project --depth 2 --top 5',
        'larder usage project --path ml_models --top 10',
        'larder usage project --find .gguf',
        'larder usage project --json',
      ),
    )
    .action((name: string | undefined, options: UsageOptions) =>
      run(async (context) => {
        const client = await context.client();
        const stores =
          name === undefined
            ? (await client.call('stores.list', {}, { signal: context.signal })).stores
            : [await findStore(context, name)];
        if (options.path !== undefined && stores.length > 1) {
          throw new LarderError('INVALID_INPUT', '--path is about one store; name it.', {
            hint: 'For example: larder usage STORE --path PATH',
          });
        }
        const answers: Answer[] = [];
        for (const store of stores) answers.push(await answer(context, store, options));
        const [only] = answers;
        print(
          context,
          // Where there is but one store, it is the one meant.
          () => (answers.length === 1 && only !== undefined ? only.json : { stores: answers.map(({ json }) => json) }),
          () =>
            answers.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : answers.map(({ text }) => text).join('\n'),
        );
        return answers.some(({ atLeast }) => atLeast) ? exitCodes.partly : exitCodes.done;
      }),
    );
}
