import { z } from 'zod';
import { absolutePath, epochMs, storeId } from './common.ts';
import { nothing, ok, procedure } from './procedure.ts';
import { passphraseSchema, secretId, storeSchema } from './stores.ts';

/**
 * Where Larder keeps what is typed. `keychain`: sealed by the keychain of the operating system. `file`: readable in a
 * file that only this user can read, because there is no keychain here.
 */
export const keptInSchema = z.enum(['keychain', 'file']);
export type KeptIn = z.infer<typeof keptInSchema>;

/** Something Larder keeps to open backups with. What it is never crosses the contract. */
export const keptSecretSchema = z.strictObject({
  id: secretId,
  kind: z.enum(['passphrase', 'identity']),
  /** `named`: only the path of a file that a store's rules used to name. */
  keptIn: z.union([keptInSchema, z.literal('named')]),
  /** The file of `named`. */
  file: absolutePath.optional(),
  /** The store it was kept for, where it is still registered. */
  store: storeId.optional(),
  /** What it was kept for, in a person's words. */
  label: z.string(),
  keptAtMs: epochMs,
  /** New backups of that store are encrypted with it. */
  inUse: z.boolean(),
});
export type KeptSecret = z.infer<typeof keptSecretSchema>;

/** Where secrets go here, and why not to the keychain. */
export const keepingSchema = z.strictObject({
  keptIn: keptInSchema,
  /** "the GNOME keyring", "the keychain"; of a file, its folder. */
  where: z.string(),
  /** Why it is a file. */
  reason: z.string().optional(),
});
export type Keeping = z.infer<typeof keepingSchema>;

const key = {
  passphrase: passphraseSchema.optional(),
  /** An age identity file as `age-keygen` or Larder writes it. */
  identityFile: absolutePath.optional(),
};

export const secrets = {
  list: procedure({
    effect: 'read',
    summary: 'What Larder keeps to open backups with, and where; never the secrets themselves',
    input: nothing,
    output: z.strictObject({ keeping: keepingSchema, secrets: z.array(keptSecretSchema) }),
  }),
  setPassphrase: procedure({
    effect: 'mutate',
    summary: 'Encrypt further backups of a store with this passphrase, which Larder keeps; those kept before stay',
    input: z.strictObject({ store: storeId, passphrase: passphraseSchema }),
    output: z.strictObject({ store: storeSchema, keeping: keepingSchema }),
  }),
  unlock: procedure({
    effect: 'mutate',
    summary: 'Open an encrypted backup with a key, which is used until Larder ends, or kept when asked',
    input: z.strictObject({
      /** An encrypted archive or manifest. */
      file: absolutePath,
      ...key,
      remember: z.boolean().default(false),
    }),
    output: ok,
    paths: (input) => [input.file, ...(input.identityFile === undefined ? [] : [input.identityFile])],
  }),
  forget: procedure({
    effect: 'mutate',
    summary: 'Forget a kept secret; refused while new backups are encrypted with it',
    input: z.strictObject({ secret: secretId }),
    output: ok,
  }),
  createIdentity: procedure({
    effect: 'mutate',
    summary: 'Write a new age identity to a file that only this user can read; nothing there is overwritten',
    input: z.strictObject({ file: absolutePath }),
    output: z.strictObject({ file: absolutePath, recipient: z.string() }),
    paths: (input) => [input.file],
  }),
} as const;

export const secretsEvents = {
  /** Something was kept or forgotten, or a key is known that was not. */
  'secrets.changed': z.strictObject({}),
} as const;
