import { z } from 'zod';
import { absolutePath, count, epochMs, relativePath, roleSchema, storeId } from './common.ts';
import { nothing, ok, procedure } from './procedure.ts';

/** How up to date the shown usage of a store is. `partial`: some of it is only rescanned now and then. */
export const liveSchema = z.strictObject({
  state: z.enum(['off', 'starting', 'live', 'partial']),
  /** Why it is not live, and the remedy. */
  reason: z.string().optional(),
});
export type Live = z.infer<typeof liveSchema>;

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
});
export type Store = z.infer<typeof storeSchema>;

/** A directory of a store with a role, as found or as a layout names it. `path` is relative to the store's root. */
export const areaSchema = z.strictObject({ id: z.string(), path: relativePath, role: roleSchema });
export type Area = z.infer<typeof areaSchema>;

export const storeProbeSchema = z.strictObject({
  path: absolutePath,
  realPath: absolutePath.optional(),
  suggestedName: z.string(),
  /** Areas as inferred from names; a guess to be shown as one. */
  areas: z.array(areaSchema),
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
    input: z.strictObject({ path: absolutePath, name: storeName.optional(), destination: absolutePath.optional() }),
    output: storeSchema,
    paths: (input) => (input.destination === undefined ? [input.path] : [input.path, input.destination]),
  }),
  update: procedure({
    effect: 'mutate',
    summary: "Change a store's name or backup destination",
    input: z.strictObject({
      store: storeId,
      name: storeName.optional(),
      destination: absolutePath.optional(),
    }),
    output: storeSchema,
    paths: (input) => (input.destination === undefined ? [] : [input.destination]),
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
