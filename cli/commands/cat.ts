import type { Command } from 'commander';
import { absolute, backupReference, examples, insidePath } from '../arguments.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';

/** `larder cat BACKUP PATH` */
export function registerCat(program: Command, run: Run): void {
  program
    .command('cat')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .argument('<path>', 'file in the backup')
    .option('--dest <dir>', 'look for the backup in this folder')
    .description('write the content of a file in a backup to stdout, byte for byte')
    .addHelpText(
      'after',
      examples('larder cat latest logs/app.log | tail', 'larder cat 20261120 model.gguf > model.gguf'),
    )
    .action((reference: string, path: string, options: { dest?: string }) =>
      run(async (context) => {
        const client = await context.client();
        const input = {
          backup: await backupReference(context, reference),
          path: insidePath('PATH', path),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        };
        for (let offset = 0; !context.terminal.outClosed;) {
          const { bytes, base64 } = await client.call('backups.read', { ...input, offset }, { signal: context.signal });
          const content = Buffer.from(base64, 'base64');
          await context.terminal.outBytes(content);
          offset += content.length;
          if (content.length === 0 || offset >= bytes) break;
        }
        return exitCodes.done;
      }),
    );
}
