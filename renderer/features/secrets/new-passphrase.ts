import { passphraseOf } from '../../../shared/passphrase.ts';

/** A passphrase that is being chosen. */
export interface NewPassphrase {
  readonly text: string;
  readonly again: string;
  /** The person says that it is written down. */
  readonly noted: boolean;
}

export const emptyPassphrase: NewPassphrase = { text: '', again: '', noted: false };

/** Why it cannot be taken yet; undefined when it can. */
export function newPassphraseProblem({ text, again, noted }: NewPassphrase): string | undefined {
  if (text === '') return 'Enter a passphrase first';
  if (text.trim() !== text) return 'It begins or ends with a space, which nobody would see';
  if (again === '') return 'Enter it a second time';
  if (again !== text) return 'The two are not the same';
  if (!noted) return 'Write it down first, and say so';
  return undefined;
}

/** Six words of 16 random bits each. */
export function suggestPassphrase(): string {
  return passphraseOf(crypto.getRandomValues(new Uint8Array(12)));
}
