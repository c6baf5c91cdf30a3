import { LarderError } from '../shared/contract/index.ts';
import type { CommandContext } from './context.ts';

/**
 * Asks before a person's data is changed. Returns when it may be; throws `CANCELLED` for a no, and `INVALID_INPUT` where
 * there is nobody to ask and `--yes` was not given.
 */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (context.options.yes) return;
  const { terminal } = context;
  if (!terminal.inIsTty || !terminal.errIsTty) {
    throw new LarderError('INVALID_INPUT', 'This would change files, and there is no terminal to ask on.', {
      hint: 'Add --yes to go ahead, or --dry-run to see what would happen.',
    });
  }
  const answer = await terminal.ask(`${question} [y/N] `, context.signal);
  if (!/^\s*y(es)?\s*$/i.test(answer)) throw new LarderError('CANCELLED', 'Nothing was changed.');
}
