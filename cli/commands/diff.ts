import type { Command } from 'commander';
import type { Difference, Output } from '../../shared/contract/index.ts';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { absolute, backupReference, examples, insidePath } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { printable } from '../text.ts';

const pageSize = 10_000;
const signs = { added: '+', removed: '-', modified: 'M', metadata: 'm' } as const;

interface DiffInput {
  readonly backup: string;
  readonly other?: string;
  readonly path?: string;
  readonly destination?: string;
}

async function allDifferences(context: CommandContext, input: DiffInput): Promise<Output<'backups.diff'>> {
  const client = await context.client();
  const entries: Difference[] = [];
  for (;;) {
    const page = await client.call(
      'backups.diff',
      { ...input, offset: entries.length, limit: pageSize },
      { signal: context.signal },
    );
    entries.push(...page.entries);
    if (page.entries.length > 0 && entries.length < page.total) continue;
    const { backup, path = '', destination } = input;
    if (entries.length === 0 && path !== '') {
      // What is in both and alike is in this one. A path that is nowhere is an error, and no good news.
      const where = destination === undefined ? { backup, path } : { backup, path, destination };
      await client.call('backups.ls', { ...where, limit: 1 }, { signal: context.signal });
    }
    return { ...page, entries };
  }
}

function sizesText({ before, after }: Difference): string {
  if (before === undefined && after === undefined) return '';
  if (before === undefined || after === undefined) return `  ${formatBytes(before ?? after ?? 0)}`;
  return before === after ? '' : `  ${formatBytes(before)} -> ${formatBytes(after)}`;
}

function asText({ added, removed, modified, metadata, entries }: Output<'backups.diff'>): string {
  if (entries.length === 0) return 'There is no difference.\n';
  const lines = entries.map(
    (entry) => `${signs[entry.change]} ${printable(entry.path)}${entry.type === 'dir' ? '/' : ''}${sizesText(entry)}\n`,
  );
  return (
    lines.join('') +
    `${formatCount(added)} added (+), ${formatCount(removed)} removed (-), ${formatCount(modified)} modified (M), ` +
    `${formatCount(metadata)} with other permissions or times (m)\n`
  );
}

/** `larder diff BACKUP [OTHER]` */
export function registerDiff(program: Command, run: Run): void {
  program
    .command('diff')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .argument('[other]', 'a newer backup; the live store when not given')
    .option('--path <path>', 'only this file or folder')
    .option('--dest <dir>', 'look for the backups in this folder')
    .description('what was added, removed and changed since a backup')
    .addHelpText('after', examples('larder diff latest:project', 'larder diff 3f2a 9c41 --path models --json'))
    .action((reference: string, other: string | undefined, options: { path?: string; dest?: string }) =>
      run(async (context) => {
        const result = await allDifferences(context, {
          backup: await backupReference(context, reference),
          ...(other === undefined ? {} : { other: await backupReference(context, other) }),
          ...(options.path === undefined ? {} : { path: insidePath('--path', options.path) }),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        });
        const { added, removed, modified, metadata, entries } = result;
        print(
          context,
          () => ({ added, removed, modified, metadata, entries }),
          () => asText(result),
        );
        return exitCodes.done;
      }),
    );
}
