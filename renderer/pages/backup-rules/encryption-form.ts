import type { Encryption } from '../../../shared/contract/index.ts';
import { emptyPassphrase, newPassphraseProblem, type NewPassphrase } from '../../features/secrets/index.ts';

/** The fields of the encryption form, all of them whichever way is chosen. */
export interface EncryptionDraft {
  /** `passphrase`: one that Larder keeps; `file`: one in a file that is named. */
  kind: 'off' | 'passphrase' | 'file' | 'recipients';
  /** The kept one that is in use; a new one is being chosen when absent. */
  kept: string | undefined;
  passphrase: NewPassphrase;
  passphraseFile: string;
  /** One a line. */
  recipients: string;
  identityFile: string;
}

export function draftOf(encryption: Encryption | undefined): EncryptionDraft {
  const kept = encryption !== undefined && 'kept' in encryption ? encryption.kept : undefined;
  const file = encryption !== undefined && 'passphraseFile' in encryption ? encryption.passphraseFile : undefined;
  return {
    kind: encryption === undefined ? 'off' : file === undefined ? encryption.kind : 'file',
    kept,
    passphrase: emptyPassphrase,
    passphraseFile: file ?? '',
    recipients: encryption?.kind === 'recipients' ? encryption.recipients.join('\n') : '',
    identityFile: encryption?.kind === 'recipients' ? (encryption.identityFile ?? '') : '',
  };
}

/** What the draft settles: rules (`null`: not encrypted), or a passphrase to keep; or why it cannot be settled. */
export type EncryptionWanted = { value: Encryption | null } | { passphrase: string } | { problem: string };

export function encryptionOf(draft: EncryptionDraft): EncryptionWanted {
  switch (draft.kind) {
    case 'off':
      return { value: null };
    case 'passphrase': {
      if (draft.kept !== undefined) return { value: { kind: 'passphrase', kept: draft.kept } };
      const problem = newPassphraseProblem(draft.passphrase);
      return problem === undefined ? { passphrase: draft.passphrase.text } : { problem };
    }
    case 'file':
      if (!isFile(draft.passphraseFile)) return { problem: 'Name the file that holds the passphrase' };
      return { value: { kind: 'passphrase', passphraseFile: draft.passphraseFile } };
    case 'recipients': {
      const recipients = recipientsIn(draft.recipients);
      if (recipients.length === 0) return { problem: 'Name at least one public key' };
      const wrong = recipients.find((key) => !/^age1[a-z0-9]+$/.test(key));
      if (wrong !== undefined) return { problem: `${shorten(wrong)} is no age public key; they begin with age1` };
      // Only a folder was entered.
      if (draft.identityFile !== '' && !isFile(draft.identityFile)) return { problem: 'Name the identity file, too' };
      return {
        value: {
          kind: 'recipients',
          recipients,
          ...(draft.identityFile === '' ? {} : { identityFile: draft.identityFile }),
        },
      };
    }
  }
}

/** The keys in the field: one a line, comments left out as in age's own files. */
export function recipientsIn(text: string): string[] {
  const lines = text.split(/[\s,]*\n[\s,]*/).map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))];
}

function isFile(path: string): boolean {
  return /[^/\\]$/.test(path) && /[/\\]/.test(path);
}

function shorten(text: string): string {
  // A secret key pasted by mistake is not shown again.
  if (/^age-secret-key/i.test(text)) return 'A secret key';
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
