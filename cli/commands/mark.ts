import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import { absolute, backupReference, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { backupJson } from '../json.ts';
import { facts } from '../table.ts';
import { printable } from '../text.ts';

interface MarkOptions {
  readonly pin?: boolean;
  readonly unpin?: boolean;
  readonly note?: string;
  readonly dest?: string;
}

/** `larder mark BACKUP` */
export function registerMark(program: Command, run: Run): void {
  program
    .command('mark')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .option('--pin', 'never remove it by rotation')
    .option('--unpin', 'let rotation remove it again')
    .option('--note <text>', 'change its note; empty takes it away')
    .option('--dest <dir>', 'look for it in this folder')
    .description('pin a backup, or change its note')
    .addHelpText('after', examples('larder mark latest:project --pin --note "before the upgrade"'))
    .action((reference: string, { pin, unpin, note, dest }: MarkOptions) =>
      run(async (context) => {
        if (pin === unpin && (pin === true || note === undefined)) {
          throw new LarderError('INVALID_INPUT', 'Nothing to change, or both at once.', {
            hint: 'Give --pin or --unpin, or --note TEXT.',
          });
        }
        const client = await context.client();
        const backup = await client.call('backups.mark', {
          backup: await backupReference(context, reference),
          ...(pin === unpin ? {} : { pinned: pin === true }),
          ...(note === undefined ? {} : { note }),
          ...(dest === undefined ? {} : { destination: absolute(context, dest) }),
        });
        print(
          context,
          () => backupJson(backup),
          () =>
            `Marked ${backup.id}.\n` +
            facts([
              ['pinned', backup.pinned ? 'yes' : 'no'],
              ['note', backup.note === undefined ? undefined : printable(backup.note)],
            ]),
        );
        return exitCodes.done;
      }),
    );
}
