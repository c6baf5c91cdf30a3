import { z } from 'zod';
import { absolutePath, count, epochMs, relativePath, roleSchema, storeId } from './common.ts';
import { areaBackupSchema, layoutCandidateSchema } from './layouts.ts';
import { nothing, ok, procedure } from './procedure.ts';
import { retentionSchema } from './retention.ts';

/** How up to date the shown usage of a store is. `partial`: some of it is only rescanned now and then. */
export const liveSchema = z.strictObject({
  state: z.enum(['off', 'starting', 'live', 'partial']),
  /** Why it is not live, and the remedy. */
  reason: z.string().optional(),
});
export type Live = z.infer<typeof liveSchema>;

/** A glob over paths relative to the store's root: `**`, `*`, `?`, `[a-z]`; one without `/` matches a name at any depth. */
const glob = z.string().min(1).max(1_000);

/** Names a secret that Larder keeps. */
export const secretId = z.string().min(1).max(64);
/** A passphrase as it is typed: one line, without spaces at its ends, which nobody sees. */
export const passphraseSchema = z
  .string()
  .min(1)
  .max(1_000)
  .refine(
    (text) => !/\p{Cc}/u.test(text) && text.trim() === text,
    'A passphrase is one line without spaces around it.',
  );

/** How backups of a store are encrypted (age-encryption.org v1). The rules themselves hold no secret. */
export const encryptionSchema = z.union([
  /** The file's first line is the passphrase. */
  z.strictObject({ kind: z.literal('passphrase'), passphraseFile: absolutePath }),
  /** The passphrase is a secret that Larder keeps. */
  z.strictObject({ kind: z.literal('passphrase'), kept: secretId }),
  z.strictObject({
    kind: z.literal('recipients'),
    /** `age1…` public keys; each alone can open the backups. */
    recipients: z.array(z.string().min(1).max(4_000)).min(1).max(100),
    /** An age identity that opens them here, for listing, verifying, comparing and restoring. */
    identityFile: absolutePath.optional(),
  }),
]);
export type Encryption = z.infer<typeof encryptionSchema>;

/** What a person settled for one store. */
export const storeRulesSchema = z.strictObject({
  /** Count and back up other file systems mounted inside the store, too. */
  crossMounts: z.boolean(),
  /** Left out of backups. */
  exclude: z.array(glob).max(1_000),
  /** Backup rule by folder; without one the layout's holds. */
  areas: z.record(relativePath.min(1), areaBackupSchema),
  /** Every backup holds everything in its own archive. */
  selfContained: z.boolean(),
  retention: retentionSchema,
  /** Apply `retention` after each backup. */
  rotate: z.boolean(),
  encryption: encryptionSchema.optional(),
});
export type StoreRules = z.infer<typeof storeRulesSchema>;

/** The rules of a store nobody has changed anything for. */
export const defaultStoreRules: StoreRules = {
  crossMounts: false,
  exclude: [],
  areas: {},
  selfContained: false,
  retention: { keepLast: 10, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 },
  rotate: false,
};

/** Some of the rules, each replacing the one it names; `encryption: null` switches encryption off. */
export const storeRulesChangeSchema = storeRulesSchema
  .partial()
  .extend({ encryption: encryptionSchema.nullable().optional() });
export type StoreRulesChange = z.output<typeof storeRulesChangeSchema>;

/** The files of secrets that rules, or a change of them, name. */
export function secretFiles({ encryption }: Pick<StoreRulesChange, 'encryption'>): string[] {
  if (encryption == null) return [];
  if (encryption.kind === 'passphrase') return 'kept' in encryption ? [] : [encryption.passphraseFile];
  return encryption.identityFile === undefined ? [] : [encryption.identityFile];
}

export const storeSchema = z.strictObject({
  id: storeId,
  name: z.string(),
  /** Real path of the root. */
  path: absolutePath,
  addedAtMs: epochMs,
  /** Whether the root is there and readable right now. */
  state: z.enum(['ok', 'missing', 'unreadable']),
  stateReason: z.string().optional(),
  /** Folder new backups are written to. */
  destination: absolutePath,
  live: liveSchema,
  rules: storeRulesSchema,
  /** Id of the layout chosen for it; a `larder.yaml` in the store comes before it. */
  layout: z.string().optional(),
});
export type Store = z.infer<typeof storeSchema>;

/** A directory of a store with a role, as found or as a layout names it. `path` is relative to the store's root. */
export const areaSchema = z.strictObject({
  id: z.string(),
  path: relativePath,
  role: roleSchema,
  /** The role is inferred from names and contents. */
  guess: z.literal(true).optional(),
});
export type Area = z.infer<typeof areaSchema>;

export const storeProbeSchema = z.strictObject({
  path: absolutePath,
  realPath: absolutePath.optional(),
  suggestedName: z.string(),
  /** Areas as they would be: of `layout`, and guesses for other folders. Only what is there. */
  areas: z.array(areaSchema),
  /** Id of the layout that would be chosen: the convincing candidate. */
  layout: z.string().optional(),
  /** Layouts that have something for them, best first. */
  candidates: z.array(layoutCandidateSchema),
  /** Backups already lying in the folder's usual destination. */
  backupsFound: count,
  /** Why it cannot be added; absent when it can. */
  refusal: z.strictObject({ message: z.string(), hint: z.string().optional() }).optional(),
});
export type StoreProbe = z.infer<typeof storeProbeSchema>;

const storeName = z.string().trim().min(1).max(120);

export const stores = {
  list: procedure({
    effect: 'read',
    summary: 'The registered stores',
    input: nothing,
    output: z.strictObject({ stores: z.array(storeSchema) }),
  }),
  probe: procedure({
    effect: 'read',
    summary: 'What adding a folder as a store would mean, and whether it is possible',
    input: z.strictObject({ path: absolutePath }),
    output: storeProbeSchema,
    paths: (input) => [input.path],
  }),
  add: procedure({
    effect: 'mutate',
    summary: 'Register a folder as a store',
    input: z.strictObject({
      path: absolutePath,
      name: storeName.optional(),
      destination: absolutePath.optional(),
      /** Id of its layout, or `null` for none; the convincing one is taken when left out. */
      layout: z.string().max(64).nullable().optional(),
    }),
    output: storeSchema,
    paths: (input) => (input.destination === undefined ? [input.path] : [input.path, input.destination]),
  }),
  update: procedure({
    effect: 'mutate',
    summary: "Change a store's name, backup destination or rules",
    input: z.strictObject({
      store: storeId,
      name: storeName.optional(),
      destination: absolutePath.optional(),
      rules: storeRulesChangeSchema.optional(),
      /** Id of another layout, or `null` for none. */
      layout: z.string().max(64).nullable().optional(),
    }),
    output: storeSchema,
    paths: (input) => [
      ...(input.destination === undefined ? [] : [input.destination]),
      ...secretFiles(input.rules ?? {}),
    ],
  }),
  remove: procedure({
    effect: 'mutate',
    summary: 'Forget a store; its files and backups stay where they are',
    input: z.strictObject({ store: storeId }),
    output: ok,
  }),
} as const;

export const storesEvents = {
  /** The list of stores, or the state of one, changed. */
  'stores.changed': z.strictObject({ stores: z.array(storeSchema) }),
} as const;
