import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { KeyFiles } from '../engine/host/index.ts';
import { askPassphrase } from './ask-passphrase.ts';
import type { Terminal } from './terminal.ts';

/** The commands that open backups, which may be encrypted; each takes the keys for one run. */
const opening = new Set(['backup', 'backups', 'verify', 'ls', 'cat', 'diff', 'restore', 'export', 'prune', 'rebuild']);

interface KeyOptions {
  readonly passphraseFile?: string;
  readonly identityFile?: string;
  readonly askPassphrase?: boolean;
}

export function addKeyOptions(commands: readonly Command[]): void {
  for (const command of commands) {
    if (!opening.has(command.name())) continue;
    command
      .option('--passphrase-file <file>', 'open encrypted backups with the passphrase on its first line')
      .option('--identity-file <file>', 'open encrypted backups with the age identities in it')
      .option('--ask-passphrase', 'ask for the passphrase of encrypted backups on the terminal');
  }
}

/** How to give the key that a backup needs. */
export function keyHint(needs: unknown): string {
  return needs === 'identity'
    ? 'Add --identity-file FILE, or set LARDER_IDENTITY_FILE.'
    : 'Add --passphrase-file FILE or --ask-passphrase, or set LARDER_PASSPHRASE_FILE.';
}

/** The keys that this run's options name. Asks on the terminal where that was asked for. */
export async function askedKeys(
  command: Command | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<KeyFiles> {
  if (command === undefined || !opening.has(command.name())) return {};
  const { passphraseFile, identityFile, askPassphrase: ask } = command.opts<KeyOptions>();
  return {
    ...(passphraseFile === undefined ? {} : { passphraseFile: resolve(terminal.cwd, passphraseFile) }),
    ...(identityFile === undefined ? {} : { identityFile: resolve(terminal.cwd, identityFile) }),
    ...(ask === true ? { passphrase: await askPassphrase(terminal, 'Passphrase: ', signal) } : {}),
  };
}
