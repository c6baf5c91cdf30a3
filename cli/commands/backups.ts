import type { Command } from 'commander';
import type { Backup, Output } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatPercent, formatQuantity, formatRelativeTime } from '../../shared/format.ts';
import { displayName } from '../../shared/path-text.ts';
import { absolute, examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { keyHint } from '../key-options.ts';
import { backupJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

type Problem = Output<'backups.list'>['problems'][number];

function statusText(backup: Backup): string {
  if (backup.problem !== undefined) return printable(backup.problem);
  if (backup.status === 'partial') return `partial, ${formatCount(backup.skipped.length)} skipped`;
  return 'done';
}

function verifiedText(backup: Backup, nowMs: number): string {
  const { verified } = backup;
  if (verified === undefined) return 'not yet';
  if (!verified.ok) return 'DAMAGED';
  const covered = verified.covered === undefined ? '' : ` ${formatPercent(verified.covered, 1)}`;
  return `${verified.mode}${covered} · ${formatRelativeTime(verified.atMs, nowMs)}`;
}

/** What else there is to know, in a word each. */
function flagsText({ pinned, encrypted, neededBy }: Backup): string {
  return [pinned ? 'pinned' : '', encrypted ? 'encrypted' : '', neededBy > 0 ? `needed by ${neededBy}` : '']
    .filter((flag) => flag !== '')
    .join(', ');
}

function problemText({ path, message, fix, needs }: Problem): string {
  const remedy =
    fix === 'unlock'
      ? `  ${keyHint(needs)}\n`
      : fix === 'rebuild'
        ? `  To make it a backup again: larder rebuild ${printable(path)}\n`
        : '';
  const said = message.startsWith(displayName(path)) ? '' : `${printable(path)}: `;
  return `${said}${printable(message)}\n${remedy}`;
}

/** `larder backups [STORE]` */
export function registerBackups(program: Command, run: Run): void {
  program
    .command('backups')
    .argument('[store]', 'name, id or path of the store; every store when not given')
    .option('--dest <dir>', 'look in this folder only')
    .description('list the backups, newest first')
    .addHelpText('after', examples('larder backups project', 'larder backups --dest /mnt/usb --json'))
    .action((name: string | undefined, options: { dest?: string }) =>
      run(async (context) => {
        const client = await context.client();
        const input = {
          ...(name === undefined ? {} : { store: (await findStore(context, name)).id }),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        };
        const { backups, problems, held } = await client.call('backups.list', input, { signal: context.signal });
        const now = context.terminal.now();
        const right = 'right' as const;
        print(
          context,
          () => ({ backups: backups.map(backupJson), problems, held }),
          () =>
            (backups.length === 0
              ? problems.some(({ fix }) => fix !== undefined)
                ? 'There are no backups that can be read.\n'
                : 'There are no backups yet. Make one: larder backup STORE\n'
              : table(
                  [
                    { title: 'ID' },
                    { title: 'STORE' },
                    { title: 'MADE' },
                    { title: 'KIND' },
                    { title: 'FILES', align: right },
                    { title: 'SIZE', align: right },
                    { title: 'STORED', align: right },
                    { title: 'VERIFIED' },
                    { title: 'STATUS', gives: true },
                    { title: 'FLAGS' },
                    { title: 'NOTE', gives: true },
                  ],
                  backups.map((backup) => [
                    backup.id,
                    printable(backup.storeName),
                    formatRelativeTime(backup.finishedAtMs, now),
                    backup.kind,
                    formatCount(backup.files),
                    formatBytes(backup.bytes),
                    formatBytes(backup.storedBytes),
                    verifiedText(backup, now),
                    statusText(backup),
                    flagsText(backup),
                    printable(backup.note ?? ''),
                  ]),
                  // What is read by another program, or looked through with one, stays whole.
                  context.terminal.outIsTty ? context.terminal.columns : Infinity,
                )) +
            held
              .map(
                ({ archive, bytes, neededBy }) =>
                  `${printable(archive)} (${formatBytes(bytes)}) is ` +
                  (neededBy.length === 0
                    ? 'left of a removed backup, and nothing needs it.\n'
                    : `kept for ${formatQuantity(neededBy.length, 'later backup')}.\n`),
              )
              .join('') +
            problems.map(problemText).join(''),
        );
        return exitCodes.done;
      }),
    );
}
