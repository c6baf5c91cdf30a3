import type { Command } from 'commander';
import { absolute, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { printable } from '../text.ts';

/** `larder keygen FILE` */
export function registerKeygen(program: Command, run: Run): void {
  program
    .command('keygen')
    .argument('<file>', 'where the identity goes; nothing there is overwritten')
    .description('make an age identity that opens backups, and show the public key they are encrypted for')
    .addHelpText(
      'after',
      examples('larder keygen ~/larder-identity.txt', 'larder stores set project --recipient age1… --identity FILE'),
    )
    .action((file: string) =>
      run(async (context) => {
        const client = await context.client();
        const input = { file: absolute(context, file) };
        const made = await client.call('secrets.createIdentity', input, { signal: context.signal });
        print(
          context,
          () => made,
          () =>
            `Public key: ${made.recipient}\n` +
            `The identity is in ${printable(made.file)}. Keep a copy somewhere else: without it nobody can open backups ` +
            'made for this key.\n',
        );
        return exitCodes.done;
      }),
    );
}
