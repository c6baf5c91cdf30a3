import type { Command } from 'commander';
import type { Backup } from '../../shared/contract/index.ts';
import { formatBytes, formatCount, formatRelativeTime } from '../../shared/format.ts';
import { absolute, examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { backupJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

function statusText(backup: Backup): string {
  if (backup.problem !== undefined) return printable(backup.problem);
  if (backup.status === 'partial') return `partial, ${formatCount(backup.skipped.length)} skipped`;
  return 'done';
}

function verifiedText(backup: Backup, nowMs: number): string {
  const { verified } = backup;
  if (verified === undefined) return 'not yet';
  return verified.ok ? `${verified.mode}, ${formatRelativeTime(verified.atMs, nowMs)}` : 'DAMAGED';
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
        const { backups, problems } = await client.call('backups.list', input, { signal: context.signal });
        const now = context.terminal.now();
        const right = 'right' as const;
        print(
          context,
          () => ({ backups: backups.map(backupJson), problems }),
          () =>
            (backups.length === 0
              ? 'There are no backups yet. Make one: larder backup STORE\n'
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
                    { title: 'STATUS' },
                    { title: 'NOTE' },
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
                    printable(backup.note ?? ''),
                  ]),
                )) + problems.map(({ path, message }) => `${printable(path)}: ${printable(message)}\n`).join(''),
        );
        return exitCodes.done;
      }),
    );
}
