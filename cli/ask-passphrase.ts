import { LarderError } from '../shared/contract/index.ts';
import { passphraseStrength } from '../shared/passphrase.ts';
import type { Terminal } from './terminal.ts';

/** Asks for a passphrase without showing it. Throws `INVALID_INPUT` without a terminal, or where nothing was typed. */
export async function askPassphrase(terminal: Terminal, question: string, signal: AbortSignal): Promise<string> {
  if (!terminal.inIsTty || !terminal.errIsTty) {
    throw new LarderError('INVALID_INPUT', 'There is no terminal to type a passphrase on.', {
      hint: 'Name a file that holds it: --passphrase-file FILE',
    });
  }
  const typed = await terminal.askSecret(question, signal);
  if (typed !== '') return typed;
  throw new LarderError('INVALID_INPUT', 'No passphrase was typed.', { hint: 'Nothing was changed.' });
}

/** Asks for a new passphrase twice, and says what it is worth. */
export async function askNewPassphrase(terminal: Terminal, signal: AbortSignal): Promise<string> {
  const typed = await askPassphrase(terminal, 'New passphrase: ', signal);
  if (typed.trim() !== typed) {
    throw new LarderError('INVALID_INPUT', 'The passphrase begins or ends with a space, which nobody would see.', {
      hint: 'Nothing was changed.',
    });
  }
  const { label, advice } = passphraseStrength(typed);
  terminal.err(`${label}.${advice === undefined ? '' : ` ${advice}`}\n`);
  const again = await askPassphrase(terminal, 'The same again: ', signal);
  if (again === typed) return typed;
  throw new LarderError('INVALID_INPUT', 'The two passphrases differ.', { hint: 'Nothing was changed.' });
}
