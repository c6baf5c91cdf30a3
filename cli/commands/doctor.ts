import type { Command } from 'commander';
import type { Check, Notice } from '../../shared/contract/index.ts';
import { examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import { padEnd, printable } from '../text.ts';

function statusWord(status: Check['status'], style: Style): string {
  switch (status) {
    case 'pass':
      return style.green('pass');
    case 'warn':
      return style.yellow('warn');
    case 'fail':
      return style.red('FAIL');
    case 'skip':
      return style.dim('skip');
  }
}

function noticeText({ message, hint }: Notice): string {
  return `Note: ${printable(message)}\n${hint === undefined ? '' : `      ${printable(hint)}\n`}`;
}

/** `larder doctor` */
export function registerDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('self-check of the installation')
    .addHelpText('after', examples('larder doctor --json'))
    .action(() =>
      run(
        async (context) => {
          const client = await context.client();
          const { ok, checks } = await client.call('system.doctor', {}, { signal: context.signal });
          const { notices } = await client.call('system.info', {}, { signal: context.signal });
          const style = styleFor(context.terminal, 'out');
          const width = Math.max(...checks.map(({ title }) => printable(title).length));
          print(
            context,
            () => ({ ok, checks, notices }),
            () =>
              checks
                .map(
                  ({ status, title, evidence, fix }) =>
                    `${statusWord(status, style)}  ${padEnd(printable(title), width)}  ${printable(evidence)}\n` +
                    (fix === undefined ? '' : `      ${printable(fix)}\n`),
                )
                .join('') + notices.map(noticeText).join(''),
          );
          return ok ? exitCodes.done : exitCodes.failed;
        },
        { showsNotices: true },
      ),
    );
}
