import { isLarderError, LarderError } from '../../shared/contract/index.ts';
import type { Encryption, Keeping, Store } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import { parseIdentities, parseRecipients, readIdentities, readPassphrase } from '../age/index.ts';
import type { AgeKeys, AgeRecipients } from '../age/index.ts';
import type { Clock, StoreRegistry } from '../context.ts';
import type { FileSystem } from '../fs/index.ts';
import { SecretRecords } from './records.ts';
import type { SecretRecord } from './records.ts';
import { noVault } from './vault.ts';
import type { KeyVault } from './vault.ts';

/** Files of keys that were named for this run: by an option of a command, or in the environment. Absolute paths. */
export interface KeyFiles {
  readonly passphraseFile?: string | undefined;
  readonly identityFile?: string | undefined;
  /** One that was typed on a terminal. */
  readonly passphrase?: string | undefined;
}

export interface SecretsParts {
  readonly fs: FileSystem;
  readonly home: string;
  readonly clock: Clock;
  readonly stores: Pick<StoreRegistry, 'list'>;
  readonly vault?: KeyVault | undefined;
  readonly keyFiles?: KeyFiles | undefined;
}

/** The secret itself; never logged, never part of an error. */
export type Key = { readonly passphrase: string } | { readonly identity: string; readonly from: string };

/**
 * What opens encrypted backups and what new ones are encrypted with, from everywhere it may be: files that rules name,
 * secrets Larder keeps, files named for this run, and what was typed since Larder started.
 */
export class Secrets {
  readonly records: SecretRecords;
  readonly #parts: SecretsParts;
  readonly #typed: Key[] = [];

  constructor(parts: SecretsParts) {
    this.#parts = parts;
    this.records = new SecretRecords(parts.fs, parts.home);
  }

  get folder(): string {
    return this.records.folder;
  }

  /** Whom backups by these rules are for. Throws `INVALID_INPUT`, `UNSUPPORTED`, or why the passphrase is not to be had. */
  async recipientsOf(encryption: Encryption): Promise<AgeRecipients> {
    if (encryption.kind === 'recipients') {
      return { kind: 'recipients', recipients: parseRecipients(encryption.recipients) };
    }
    return { kind: 'passphrase', passphrase: await this.#passphraseOf(encryption) };
  }

  /** What opens the backups made by these rules here; nothing where only recipients are known. Throws as reading does. */
  async keysOf(encryption: Encryption): Promise<AgeKeys> {
    if (encryption.kind === 'passphrase') {
      return { passphrases: [await this.#passphraseOf(encryption)], identities: [] };
    }
    const { identityFile } = encryption;
    const identities = identityFile === undefined ? [] : readIdentities(this.#parts.fs, identityFile).identities;
    return { passphrases: [], identities };
  }

  /**
   * All keys there are, the likeliest first: those named for this run and typed, then of the stores that back up to
   * `directory`; and what keeps others from being read, in a person's words.
   */
  async all(directory: string): Promise<{ keys: AgeKeys; problems: string[] }> {
    const { records, problems } = this.records.list();
    const stores = this.#parts.stores.list();
    const isNear = (store: Pick<Store, 'destination'> | undefined): boolean => store?.destination === directory;
    const near = stores.filter(isNear);
    const others = stores.filter((store) => !isNear(store));
    const isOfNear = ({ store }: SecretRecord): boolean => near.some(({ id }) => id === store);
    const sources: (() => AgeKeys | Promise<AgeKeys>)[] = [
      ...this.#named(),
      ...this.#typed.map((key) => () => agesOf(key)),
      ...near.map((store) => () => this.#ofRules(store)),
      ...records.filter(isOfNear).map((record) => () => this.#ofRecord(record)),
      ...others.map((store) => () => this.#ofRules(store)),
      ...records.filter((record) => !isOfNear(record)).map((record) => () => this.#ofRecord(record)),
    ];
    const passphrases = new Set<string>();
    const identities = new Map<string, Uint8Array>();
    for (const source of sources) {
      try {
        const keys = await source();
        for (const passphrase of keys.passphrases) passphrases.add(passphrase);
        for (const identity of keys.identities) identities.set(Buffer.from(identity).toString('hex'), identity);
      } catch (error) {
        if (!(error instanceof LarderError)) throw error;
        const problem = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
        if (!problems.includes(problem)) problems.push(problem);
      }
    }
    return { keys: { passphrases: [...passphrases], identities: [...identities.values()] }, problems };
  }

  /** Where a secret that is kept now goes. */
  async keeping(): Promise<Keeping> {
    const state = (await this.#parts.vault?.state()) ?? noVault;
    if (state.ready) return { keptIn: 'keychain', where: state.name };
    return { keptIn: 'file', where: this.records.folder, reason: state.reason };
  }

  /** Keeps a key, unless it is kept already. Throws as writing does, and `PERMISSION` when the keychain refuses. */
  async keep(key: Key, meant: { store?: string | undefined; label: string }): Promise<SecretRecord> {
    const text = 'passphrase' in key ? key.passphrase : key.identity;
    const kind = 'passphrase' in key ? 'passphrase' : 'identity';
    for (const record of this.records.list().records) {
      if (record.kind !== kind || record.keptIn === 'named' || record.store !== meant.store) continue;
      const value = await this.#valueOf(record).catch(() => undefined);
      if (value === text) return record;
    }
    const { keptIn } = await this.keeping();
    const value = keptIn === 'keychain' ? await this.#seal(text) : text;
    return this.records.add({ kind, keptIn, ...withoutUndefined(meant), keptAtMs: this.#parts.clock(), value });
  }

  /** Uses a key until Larder ends. */
  use(key: Key): void {
    this.#typed.push(key);
  }

  /** Before rules change or go: the file they name still opens the backups made until now. */
  rememberFormer({ id, name, rules: { encryption } }: Pick<Store, 'id' | 'name' | 'rules'>): void {
    if (encryption === undefined || 'kept' in encryption) return;
    const value = encryption.kind === 'passphrase' ? encryption.passphraseFile : encryption.identityFile;
    if (value === undefined) return;
    const isKnown = this.records.list().records.some((each) => each.keptIn === 'named' && each.value === value);
    if (isKnown) return;
    const kind = encryption.kind === 'passphrase' ? 'passphrase' : 'identity';
    const label = `Earlier backups of ${name}`;
    this.records.add({ kind, keptIn: 'named', store: id, label, keptAtMs: this.#parts.clock(), value });
  }

  #ofRules({ rules: { encryption } }: Store): AgeKeys | Promise<AgeKeys> {
    return encryption === undefined ? { passphrases: [], identities: [] } : this.keysOf(encryption);
  }

  async #ofRecord(record: SecretRecord): Promise<AgeKeys> {
    const { fs } = this.#parts;
    if (record.keptIn === 'named') {
      return record.kind === 'passphrase'
        ? { passphrases: [readPassphrase(fs, record.value)], identities: [] }
        : { passphrases: [], identities: readIdentities(fs, record.value).identities };
    }
    const value = await this.#valueOf(record);
    return agesOf(record.kind === 'passphrase' ? { passphrase: value } : { identity: value, from: record.label });
  }

  #named(): (() => AgeKeys)[] {
    const { fs, keyFiles = {} } = this.#parts;
    const { passphrase, passphraseFile, identityFile } = keyFiles;
    return [
      ...(passphrase === undefined ? [] : [() => agesOf({ passphrase })]),
      ...(passphraseFile === undefined
        ? []
        : [() => ({ passphrases: [readPassphrase(fs, passphraseFile)], identities: [] })]),
      ...(identityFile === undefined
        ? []
        : [() => ({ passphrases: [], identities: readIdentities(fs, identityFile).identities })]),
    ];
  }

  async #passphraseOf(encryption: Extract<Encryption, { kind: 'passphrase' }>): Promise<string> {
    const { fs, keyFiles } = this.#parts;
    if ('passphraseFile' in encryption) return readPassphrase(fs, encryption.passphraseFile);
    try {
      return await this.#valueOf(this.records.get(encryption.kept));
    } catch (error) {
      // Under cron there is no keychain: then the one named for this run stands for it.
      if (keyFiles?.passphrase !== undefined) return keyFiles.passphrase;
      if (keyFiles?.passphraseFile !== undefined) return readPassphrase(fs, keyFiles.passphraseFile);
      if (!isLarderError(error, 'NOT_FOUND')) throw error;
      throw new LarderError('NOT_FOUND', 'The passphrase that Larder kept for these backups is gone.', {
        hint: 'Set it again in the rules of the store.',
        cause: error,
      });
    }
  }

  async #seal(text: string): Promise<string> {
    try {
      const sealed = await this.#parts.vault?.seal(text);
      if (sealed !== undefined) return Buffer.from(sealed).toString('base64');
    } catch (error) {
      throw refused('The keychain did not take the secret', error, 'Unlock the keychain and try again.');
    }
    throw new LarderError('INTERNAL', 'There is no keychain to keep the secret in.');
  }

  async #valueOf(record: SecretRecord): Promise<string> {
    if (record.keptIn === 'file') return record.value;
    const what = record.kind === 'passphrase' ? 'passphrase' : 'identity';
    const { vault } = this.#parts;
    if (vault === undefined) {
      throw new LarderError(
        'PERMISSION',
        `The ${what} for “${record.label}” is kept in the keychain, which only the desktop app can open.`,
        {
          hint: `Name a file that holds it: --${what}-file FILE, or LARDER_${what.toUpperCase()}_FILE for scheduled runs.`,
        },
      );
    }
    try {
      return await vault.open(Buffer.from(record.value, 'base64'));
    } catch (error) {
      throw refused(`The keychain did not give the ${what} for “${record.label}”`, error, `Enter the ${what} again.`);
    }
  }
}

function refused(message: string, error: unknown, hint: string): LarderError {
  const reason = error instanceof Error ? error.message : String(error);
  return new LarderError('PERMISSION', `${message}: ${displayName(reason)}.`, { hint });
}

function agesOf(key: Key): AgeKeys {
  return 'passphrase' in key
    ? { passphrases: [key.passphrase], identities: [] }
    : { passphrases: [], identities: parseIdentities(key.identity, key.from) };
}

function withoutUndefined({ store, label }: { store?: string | undefined; label: string }) {
  return { label, ...(store === undefined ? {} : { store }) };
}
