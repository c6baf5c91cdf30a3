import type { Command } from 'commander';
import type { BackupEntry } from '../../shared/contract/index.ts';
import { formatBytes, formatDateTime } from '../../shared/format.ts';
import { absolute, backupReference, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { isoTime } from '../iso-time.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

const pageSize = 10_000;

/** Type and permissions as `ls -l` writes them. */
export function modeText(type: BackupEntry['type'], mode: number): string {
  const kind = { file: '-', dir: 'd', symlink: 'l' }[type];
  const triple = (bits: number, special: boolean, letter: string): string => {
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`;
  };
  return (
    kind +
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') +
    triple(mode >> 3, (mode & 0o2000) !== 0, 's') +
    triple(mode, (mode & 0o1000) !== 0, 't')
  );
}

function entryJson(entry: BackupEntry): Record<string, unknown> {
  const { path, type, bytes, files, mode, mtimeMs, target } = entry;
  return { path, type, bytes, files, mode: mode.toString(8).padStart(4, '0'), mtime: isoTime(mtimeMs), target };
}

function nameText(entry: BackupEntry, recursive: boolean): string {
  const name = printable(recursive ? entry.path : entry.name);
  if (entry.type === 'dir') return `${name}/`;
  return entry.target === undefined ? name : `${name} -> ${printable(entry.target)}`;
}

async function allEntries(
  context: CommandContext,
  input: { backup: string; path: string; recursive: boolean; destination?: string },
): Promise<BackupEntry[]> {
  const client = await context.client();
  const entries: BackupEntry[] = [];
  for (;;) {
    const page = await client.call(
      'backups.ls',
      { ...input, offset: entries.length, limit: pageSize },
      { signal: context.signal },
    );
    entries.push(...page.entries);
    if (page.entries.length === 0 || entries.length >= page.total) return entries;
  }
}

/** `larder ls BACKUP [PATH]` */
export function registerLs(program: Command, run: Run): void {
  program
    .command('ls')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .argument('[path]', 'folder in the backup; its root when not given')
    .option('-r, --recursive', 'everything below, too')
    .option('--dest <dir>', 'look for the backup in this folder')
    .description('look inside a backup')
    .addHelpText('after', examples('larder ls latest models', 'larder ls latest:project -r --json'))
    .action((reference: string, path: string | undefined, options: { recursive?: boolean; dest?: string }) =>
      run(async (context) => {
        const recursive = options.recursive === true;
        const entries = await allEntries(context, {
          backup: await backupReference(context, reference),
          path: (path ?? '').replace(/^(\.?\/)+|\/+$|^\.$/g, ''),
          recursive,
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        });
        print(
          context,
          () => ({ entries: entries.map(entryJson), total: entries.length }),
          () =>
            entries.length === 0
              ? 'This folder is empty.\n'
              : table(
                  [{ title: 'MODE' }, { title: 'SIZE', align: 'right' }, { title: 'CHANGED' }, { title: 'NAME' }],
                  entries.map((entry) => [
                    modeText(entry.type, entry.mode),
                    entry.type === 'symlink' ? '' : formatBytes(entry.bytes),
                    formatDateTime(entry.mtimeMs),
                    nameText(entry, recursive),
                  ]),
                ),
        );
        return exitCodes.done;
      }),
    );
}
