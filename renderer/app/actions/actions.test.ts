import { describe, expect, it, vi } from 'vitest';
import { defaultStoreRules } from '../../../shared/contract/index.ts';
import type { Store } from '../../../shared/contract/index.ts';
import { actions, findAction } from './actions.ts';
import { filterEntries, paletteEntries } from './palette.ts';
import type { ActionContext } from './types.ts';

const store = (id: string, name: string, state: Store['state'] = 'ok'): Store => ({
  id,
  name,
  path: `/data/${name}`,
  addedAtMs: 0,
  state,
  destination: `/data/${name}/backups`,
  live: { state: 'live' },
  rules: defaultStoreRules,
});
const first = store('s1', 'persistent_data');
const second = store('s2', 'aura data', 'missing');

const context = (changes: Partial<ActionContext> = {}): ActionContext => ({
  store: undefined,
  stores: [first, second],
  host: { kind: 'browser' },
  pages: new Set(['/activity/:job?']),
  navigate: vi.fn(),
  openDialog: vi.fn(),
  setTheme: vi.fn(),
  rescan: vi.fn(),
  checkHealth: vi.fn(),
  signOut: undefined,
  refresh: vi.fn(),
  ...changes,
});

describe('actions', () => {
  it('has one id and one shortcut each', () => {
    const ids = actions.map((action) => action.id);
    const shortcuts = actions.flatMap((action) => action.shortcut ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
  });

  it('offers nothing about a store where there is none', () => {
    for (const action of actions.filter((each) => each.perStore)) expect(action.available(context())).toBe(false);
  });

  it('says why a store that is not there cannot be backed up', () => {
    expect(findAction('backup.now')?.available(context({ store: second }))).toEqual({
      because: 'Its folder cannot be read right now',
    });
    expect(findAction('backup.now')?.available(context({ store: first }))).toBe(true);
  });

  it('shows the file manager only where the shell has one', () => {
    const reveal = findAction('store.reveal');
    expect(reveal?.available(context({ store: first }))).toBe(false);
    const revealPath = vi.fn(async () => {});
    const desktop = context({ store: first, host: { kind: 'desktop', revealPath } });
    expect(reveal?.available(desktop)).toBe(true);
    reveal?.run(desktop);
    expect(revealPath).toHaveBeenCalledWith('/data/persistent_data');
  });

  it('goes only to pages there are', () => {
    expect(findAction('go.activity')?.available(context())).toBe(true);
    expect(findAction('go.backups')?.available(context())).toBe(false);
  });

  it('signs out only where one is signed in', () => {
    expect(findAction('app.signOut')?.available(context())).toBe(false);
    expect(findAction('app.signOut')?.available(context({ signOut: vi.fn() }))).toBe(true);
  });
});

describe('palette', () => {
  it('offers what is about a store once a store, the chosen one first and with its keys', () => {
    const entries = paletteEntries(actions, context({ store: second })).filter((entry) =>
      entry.id.startsWith('backup.now'),
    );
    expect(entries.map((entry) => [entry.name, entry.shortcut, entry.because])).toEqual([
      ['Back up now · aura data', 'Mod+B', 'Its folder cannot be read right now'],
      ['Back up now · persistent_data', undefined, undefined],
    ]);
  });

  it('runs an entry about its own store', () => {
    const at = context();
    paletteEntries(actions, at)
      .find((entry) => entry.id === 'backup.now:s1')
      ?.run();
    expect(at.openDialog).toHaveBeenCalledWith({ kind: 'backup', store: first });
  });

  it('does not offer itself', () => {
    expect(paletteEntries(actions, context()).some((entry) => entry.id === 'palette.open')).toBe(false);
  });

  it('finds by every word, names before keywords', () => {
    const entries = paletteEntries(actions, context());
    const found = (query: string): string[] => filterEntries(entries, query).map((entry) => entry.id);
    expect(found('back aura')).toEqual(['backup.now:s2', 'store.backupRules:s2', 'store.destination:s2']);
    expect(found('log')[0]).toBe('go.activity');
    expect(found('nothing of the kind')).toEqual([]);
    expect(filterEntries(entries, '  ')).toBe(entries);
  });
});
