import { defaultSettings, settingsSchema } from '../../shared/contract/index.ts';
import type { EventData, EventName, Settings } from '../../shared/contract/index.ts';
import type { Capability, SettingsStore } from '../context.ts';
import type { Database, Migration } from '../db/index.ts';

export const settingsMigrations: readonly Migration[] = [
  {
    id: 'settings-1',
    sql: 'CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;',
  },
];

export interface SettingsOptions {
  readonly db: Database;
  readonly emit: <N extends EventName>(name: N, data: EventData<N>) => void;
}

/** The `settings` domain. A value the database holds but the schema refuses falls back to its default. */
export function createSettings({ db, emit }: SettingsOptions): Capability<'settings'> & SettingsStore {
  function get(): Settings {
    const stored: Record<string, unknown> = {};
    for (const row of db.sqlite.prepare('SELECT name, value FROM settings').all()) {
      const name = String(row['name']);
      if (!(name in settingsSchema.shape)) continue;
      const field = settingsSchema.shape[name as keyof Settings].safeParse(JSON.parse(String(row['value'])));
      if (field.success) stored[name] = field.data;
    }
    return settingsSchema.parse({ ...defaultSettings, ...stored });
  }

  return {
    get,
    handlers: {
      get,
      set(change) {
        const save = db.sqlite.prepare(
          'INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        );
        db.transaction(() => {
          for (const [name, value] of Object.entries(change)) {
            if (value !== undefined) save.run(name, JSON.stringify(value));
          }
        });
        const settings = get();
        emit('settings.changed', { settings });
        return settings;
      },
    },
  };
}
