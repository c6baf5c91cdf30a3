import type {
  domains,
  Encryption,
  EventData,
  EventName,
  Layout,
  Output,
  ParsedInput,
  ProcedureName,
  Settings,
  Store,
  StoreLayout,
} from '../shared/contract/index.ts';
import type { AgeKeys, AgeRecipients } from './age/index.ts';
import type { Database } from './db/index.ts';
import type { FileSystem } from './fs/index.ts';
import type { Jobs } from './jobs/index.ts';
import type { Pool } from './pool/index.ts';

/** Wall clock, in ms since the epoch. Passed in so that decisions that depend on time can be tested. */
export type Clock = () => number;

export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** The registered stores as other capabilities need them. */
export interface StoreRegistry {
  list(): Store[];
  /** By id or by name; throws `NOT_FOUND` naming what exists. */
  get(idOrName: string): Store;
  /** Called after a store was added, changed or removed. */
  onChange(listener: () => void): () => void;
}

/** The layouts, and what each store's areas are. */
export interface StoreLayouts {
  list(): readonly Layout[];
  find(id: string): Layout | undefined;
  /** Throws `NOT_FOUND`. */
  get(id: string): Layout;
  /**
   * The layout of a store as it holds now: its `larder.yaml`, else the layout chosen for it, else guesses; the person's
   * own backup rules over all. Reads no more than `larder.yaml` and the root's listing. Never throws for what is on disk:
   * `problems` tells.
   */
  of(store: Store): StoreLayout;
  /** The same after a new look at the store's contents, which guesses draw on. Takes a pool worker a moment. */
  look(store: Store, signal?: AbortSignal): Promise<StoreLayout>;
  /** Called with the id of a store whose areas or rules may have changed. */
  onChange(listener: (store: string) => void): () => void;
}

export interface SettingsStore {
  get(): Settings;
}

/** The keys of encrypted backups as other capabilities need them, wherever they are kept. */
export interface SecretKeys {
  /** Where kept secrets lie; never part of a backup. */
  readonly folder: string;
  /** Whom backups by these rules are for. Throws `INVALID_INPUT`, `UNSUPPORTED`, or why the passphrase is not to be had. */
  recipientsOf(encryption: Encryption): Promise<AgeRecipients>;
  /** What opens the backups made by these rules here; nothing where only recipients are known. */
  keysOf(encryption: Encryption): Promise<AgeKeys>;
  /** All keys there are, the likeliest for a destination first; and what keeps others from being read. */
  all(directory: string): Promise<{ keys: AgeKeys; problems: string[] }>;
  /** Before the rules of a store change or go: what they name still opens the backups made until now. */
  rememberFormer(store: Pick<Store, 'id' | 'name' | 'rules'>): void;
}

/** What every capability is given. One engine has one context; nothing is global. */
export interface EngineContext {
  /** Folder of settings, history and job log (`LARDER_HOME`). Exists. */
  readonly home: string;
  readonly fs: FileSystem;
  readonly pool: Pool;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly stores: StoreRegistry;
  readonly layouts: StoreLayouts;
  readonly settings: SettingsStore;
  readonly secrets: SecretKeys;
  /** False in the command line: nothing is watched, nothing runs by itself. */
  readonly live: boolean;
  emit<N extends EventName>(name: N, data: EventData<N>): void;
}

export interface CallContext {
  /** Aborted when the caller cancelled the call or went away. */
  readonly signal: AbortSignal;
}

export type Handler<N extends ProcedureName> = (
  input: ParsedInput<N>,
  call: CallContext,
) => Promise<Output<N>> | Output<N>;

type Domains = typeof domains;
type NameIn<D extends keyof Domains & string, P> = Extract<`${D}.${P & string}`, ProcedureName>;

/** The implementation of one domain of the contract: a function a procedure. */
export type Handlers<D extends keyof Domains & string> = {
  readonly [P in keyof Domains[D]]: Handler<NameIn<D, P>>;
};

/** A part of the engine that answers the procedures of one domain and may hold resources. */
export interface Capability<D extends keyof Domains & string> {
  readonly handlers: Handlers<D>;
  /** Begins what runs by itself (watching, settling what a crash left). Called once, after all capabilities exist. */
  start?(): void | Promise<void>;
  /** Ends it; afterwards no handle is open. */
  stop?(): void | Promise<void>;
}
