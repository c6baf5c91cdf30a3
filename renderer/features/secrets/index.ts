export { CreateIdentityDialog } from './create-identity-dialog.tsx';
export { KeptKeys } from './kept-keys.tsx';
export { emptyPassphrase, newPassphraseProblem, type NewPassphrase } from './new-passphrase.ts';
export { NewPassphraseFields } from './new-passphrase-fields.tsx';
export { UnlockButton, unlockRemedy } from './unlock-button.tsx';
export { KeepingNote } from './keeping-note.tsx';
