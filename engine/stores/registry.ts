import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { defaultStoreRules, LarderError, storeRulesSchema } from '../../shared/contract/index.ts';
import type { Live, Store, StoreRules, StoreRulesChange } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { Clock, StoreRegistry } from '../context.ts';
import type { Database, Migration } from '../db/index.ts';
import { reasonOf, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { isInside, overlap } from './overlap.ts';
import { inferRole } from '../layouts/index.ts';

export const storeMigrations: readonly Migration[] = [
  {
    id: 'stores-1',
    sql: `
      CREATE TABLE stores (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        -- Path text as JSON, because SQLite's text cannot hold names that are not UTF-8.
        path TEXT NOT NULL UNIQUE,
        destination TEXT NOT NULL,
        added_at_ms INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    id: 'stores-2',
    // The rules as JSON; NULL while nobody has changed any.
    sql: 'ALTER TABLE stores ADD COLUMN rules TEXT',
  },
  {
    id: 'stores-3',
    // Id of the layout chosen for it; NULL where there is none.
    sql: 'ALTER TABLE stores ADD COLUMN layout TEXT',
  },
];

/** Folders that hold far more than a store and are never meant as one. */
const tooBroad = new Set(['/', '/home', '/Users', '/root', '/usr', '/etc', '/var', '/proc', '/sys', '/dev', '/boot']);

export interface AddStore {
  readonly path: string;
  readonly name?: string | undefined;
  readonly destination?: string | undefined;
  /** Id of its layout. */
  readonly layout?: string | undefined;
}

export interface RegistryOptions {
  readonly db: Database;
  readonly fs: FileSystem;
  readonly clock: Clock;
  /** Live state of a store as the watcher tells it. */
  readonly liveOf: (id: string) => Live;
}

export interface StoreChange {
  readonly name?: string | undefined;
  readonly destination?: string | undefined;
  readonly rules?: StoreRulesChange | undefined;
  /** Id of another layout, null for none. */
  readonly layout?: string | null | undefined;
}

type StoreRecord = Pick<Store, 'id' | 'name' | 'path' | 'addedAtMs' | 'destination' | 'rules' | 'layout'>;

/** The registered stores, kept in the database. */
export class Stores implements StoreRegistry {
  private readonly options: RegistryOptions;
  private readonly listeners = new Set<() => void>();
  /** The database as this process last knew it; moves when another process writes to it. */
  private seen: { version: number; records: string } | undefined;

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  list(): Store[] {
    return this.records().map((record) => this.withState(record));
  }

  get(idOrName: string): Store {
    const records = this.records();
    const match =
      records.find((record) => record.id === idOrName) ?? records.find((record) => record.name === idOrName);
    // Only this one's folder is looked at: another's may lie on a disk that does not answer.
    if (match !== undefined) return this.withState(match);
    const names = records.map((record) => record.name).join(', ');
    throw new LarderError('NOT_FOUND', `There is no store called ${displayName(idOrName)}.`, {
      hint: names === '' ? 'Add one first: larder stores add PATH' : `The stores are: ${names}`,
    });
  }

  /** The real path of a folder that can be a store. Throws what stands against it. */
  check(path: string, except?: string): string {
    const { fs } = this.options;
    if (!isAbsolute(path)) {
      throw new LarderError('INVALID_INPUT', `${displayName(path)} is not an absolute path.`);
    }
    let real: string;
    try {
      real = fs.realPath(resolve(path));
      if (!fs.stat(real).isDirectory()) {
        throw new LarderError('INVALID_INPUT', `${displayName(path)} is not a folder.`, {
          hint: 'Choose the folder that holds the data.',
        });
      }
      fs.readDirectory(real);
    } catch (error) {
      throw toLarderError(error, path);
    }
    if (tooBroad.has(real) || real === dirname(real) || real === homedir()) {
      throw new LarderError('INVALID_INPUT', `${displayName(real)} is too broad to be a store.`, {
        hint: 'Choose the folder inside it that holds the data.',
      });
    }
    for (const store of this.records()) {
      if (store.id === except) continue;
      const relation = overlap(real, store.path);
      if (relation === undefined) continue;
      const words = {
        same: `${displayName(real)} is the store ${store.name} already.`,
        inside: `${displayName(real)} lies inside the store ${store.name} (${displayName(store.path)}).`,
        contains: `${displayName(real)} contains the store ${store.name} (${displayName(store.path)}).`,
      };
      throw new LarderError('INVALID_INPUT', words[relation], {
        hint: relation === 'same' ? undefined : 'Stores cannot overlap: each file belongs to one store.',
        details: { store: store.id, relation },
      });
    }
    return real;
  }

  add(input: AddStore): Store {
    const path = this.check(input.path);
    const name = this.freeName(input.name ?? suggestName(path), input.name !== undefined);
    const destination = input.destination ?? this.defaultDestination(path);
    this.checkDestination(destination, path);
    const id = randomUUID();
    this.options.db.sqlite
      .prepare('INSERT INTO stores (id, name, path, destination, added_at_ms, layout) VALUES (?, ?, ?, ?, ?, ?)')
      .run(
        id,
        name,
        JSON.stringify(path),
        JSON.stringify(destination),
        Math.round(this.options.clock()),
        input.layout ?? null,
      );
    this.changed();
    return this.get(id);
  }

  update(id: string, change: StoreChange): Store {
    const store = this.get(id);
    const name =
      change.name === undefined || change.name === store.name ? store.name : this.freeName(change.name, true);
    const destination = change.destination ?? store.destination;
    if (change.destination !== undefined) this.checkDestination(destination, store.path);
    this.options.db.sqlite
      .prepare('UPDATE stores SET name = ?, destination = ?, rules = ?, layout = ? WHERE id = ?')
      .run(
        name,
        JSON.stringify(destination),
        JSON.stringify(changeRules(store.rules, change.rules)),
        change.layout === undefined ? (store.layout ?? null) : change.layout,
        store.id,
      );
    this.changed();
    return this.get(store.id);
  }

  remove(id: string): void {
    this.options.db.sqlite.prepare('DELETE FROM stores WHERE id = ?').run(this.get(id).id);
    this.changed();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Notices what another process changed: a command beside a running Larder. Cheap where nobody wrote anything. */
  noticeOthers(): void {
    const version = Number(this.options.db.sqlite.prepare('PRAGMA data_version').get()?.['data_version']);
    if (this.seen?.version === version) return;
    const before = this.seen?.records;
    const records = JSON.stringify(this.records());
    this.seen = { version, records };
    if (before !== undefined && before !== records) this.changed();
  }

  /** Where backups of a store go unless told otherwise: its `backups/` area when it has one, a folder beside it if not. */
  defaultDestination(path: string): string {
    const own = this.options.fs
      .readDirectory(path)
      .filter((entry) => entry.kind === 'dir' && inferRole(entry.name) === 'backup')
      .map((entry) => entry.name)
      .sort((a, b) => Number(b === 'backups') - Number(a === 'backups'))[0];
    return own === undefined ? join(dirname(path), `${basename(path)}-backups`) : join(path, own);
  }

  private checkDestination(destination: string, root: string): void {
    if (!isAbsolute(destination)) {
      throw new LarderError('INVALID_INPUT', `The backup folder ${displayName(destination)} is not an absolute path.`);
    }
    if (resolve(destination) === root) {
      throw new LarderError('INVALID_INPUT', 'The backup folder cannot be the store itself.', {
        hint: `Choose a folder beside it, or one inside it such as ${displayName(join(root, 'backups'))}.`,
      });
    }
    for (const store of this.records()) {
      if (store.path === root || !isInside(store.path, resolve(destination))) continue;
      throw new LarderError('INVALID_INPUT', `${displayName(destination)} lies inside another store, ${store.name}.`, {
        hint: 'Choose a backup folder outside other stores.',
      });
    }
  }

  private freeName(wanted: string, exact: boolean): string {
    const taken = new Set(this.records().map((record) => record.name));
    if (!taken.has(wanted)) return wanted;
    if (exact) {
      throw new LarderError('INVALID_INPUT', `There is a store called ${wanted} already.`, {
        hint: 'Choose another name.',
      });
    }
    for (let number = 2; ; number += 1) {
      const name = `${wanted} ${number}`;
      if (!taken.has(name)) return name;
    }
  }

  /** What the database knows of the stores, without a look at the disk. */
  private records(): StoreRecord[] {
    return this.options.db.sqlite
      .prepare('SELECT * FROM stores ORDER BY name COLLATE NOCASE')
      .all()
      .map((row) => ({
        id: String(row['id']),
        name: String(row['name']),
        path: JSON.parse(String(row['path'])) as string,
        addedAtMs: Number(row['added_at_ms']),
        destination: JSON.parse(String(row['destination'])) as string,
        rules: row['rules'] === null ? defaultStoreRules : storeRulesSchema.parse(JSON.parse(String(row['rules']))),
        ...(row['layout'] === null ? {} : { layout: String(row['layout']) }),
      }));
  }

  private withState(record: StoreRecord): Store {
    return { ...record, ...this.stateOf(record.path), live: this.options.liveOf(record.id) };
  }

  private stateOf(path: string): Pick<Store, 'state' | 'stateReason'> {
    try {
      if (!this.options.fs.stat(path).isDirectory())
        return { state: 'missing', stateReason: 'It is no longer a folder.' };
      this.options.fs.close(this.options.fs.open(path, 'r'));
      return { state: 'ok' };
    } catch (error) {
      const missing = toLarderError(error).code === 'NOT_FOUND';
      return { state: missing ? 'missing' : 'unreadable', stateReason: `${displayName(path)} ${reasonOf(error)}.` };
    }
  }

  private changed(): void {
    if (this.seen !== undefined) this.seen.records = JSON.stringify(this.records());
    for (const listener of [...this.listeners]) listener();
  }
}

function changeRules(rules: StoreRules, change: StoreRulesChange = {}): StoreRules {
  const { encryption: before, ...kept } = rules;
  const { encryption = before, ...changed } = change;
  return storeRulesSchema.parse({ ...kept, ...changed, ...(encryption == null ? {} : { encryption }) });
}

/** A store's name unless one is given: its folder's own, so that a script knows it. */
export function suggestName(path: string): string {
  const own = displayName(basename(path));
  return own === '' ? 'store' : own;
}
