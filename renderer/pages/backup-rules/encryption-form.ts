import type { Encryption } from '../../../shared/contract/index.ts';

/** The fields of the encryption form, all of them whichever way is chosen. */
export interface EncryptionDraft {
  kind: 'off' | Encryption['kind'];
  passphraseFile: string;
  /** One a line. */
  recipients: string;
  identityFile: string;
}

export function draftOf(encryption: Encryption | undefined): EncryptionDraft {
  return {
    kind: encryption?.kind ?? 'off',
    passphraseFile: encryption?.kind === 'passphrase' ? encryption.passphraseFile : '',
    recipients: encryption?.kind === 'recipients' ? encryption.recipients.join('\n') : '',
    identityFile: encryption?.kind === 'recipients' ? (encryption.identityFile ?? '') : '',
  };
}

/** What the draft settles, or why it cannot be settled. `null`: not encrypted. */
export function encryptionOf(draft: EncryptionDraft): { value: Encryption | null } | { problem: string } {
  switch (draft.kind) {
    case 'off':
      return { value: null };
    case 'passphrase':
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
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
