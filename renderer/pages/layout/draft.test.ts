import { describe, expect, it } from 'vitest';
import type { StoreArea } from '../../../shared/contract/index.ts';
import {
  asBefore,
  changeCount,
  changesOf,
  emptyDraft,
  isEmpty,
  newArea,
  pathProblem,
  rowsOf,
  valuesOf,
  withEdit,
  withoutArea,
} from './draft.ts';

const area = (path: string, more: Partial<StoreArea> = {}): StoreArea => ({
  id: path === '' ? '.' : path,
  path,
  role: 'model',
  required: true,
  backup: 'always',
  cleanup: 'never',
  source: 'layout',
  exists: true,
  backupRule: { rule: 'always', from: 'layout' },
  ...more,
});
const models = area('ml_models', { directoryMode: '755' });
const logs = area('logs', { role: 'log', backup: { recentDays: 7 }, cleanup: { olderThanDays: 30 } });
const guessed = area('stuff', { source: 'guess', guess: true, role: 'cache', required: false });
const areas = [logs, models, guessed];

describe('changes that are not written yet', () => {
  it('say only what is different', () => {
    const draft = withEdit(emptyDraft, 'logs', { ...valuesOf(logs), backup: 'never', fileMode: '640' }, logs);
    expect(changesOf(draft, areas)).toEqual([{ kind: 'set', path: 'logs', backup: 'never', fileMode: '640' }]);
    expect(changeCount(draft)).toBe(1);
  });

  it('take a value out that is not wanted any more', () => {
    const draft = withEdit(emptyDraft, 'ml_models', { ...valuesOf(models), directoryMode: undefined }, models);
    expect(changesOf(draft, areas)).toEqual([{ kind: 'set', path: 'ml_models', directoryMode: null }]);
  });

  it('are none when all is as before', () => {
    const changed = withEdit(emptyDraft, 'logs', { ...valuesOf(logs), backup: 'never' }, logs);
    expect(isEmpty(withEdit(changed, 'logs', valuesOf(logs), logs))).toBe(true);
    expect(isEmpty(asBefore(changed, 'logs'))).toBe(true);
  });

  it('make of a guess what a person says, even when it was right', () => {
    const draft = withEdit(emptyDraft, 'stuff', valuesOf(guessed), guessed);
    expect(changesOf(draft, areas)).toEqual([{ kind: 'set', path: 'stuff', role: 'cache' }]);
  });

  it('add and remove areas, and choose a layout first', () => {
    let draft = withEdit({ ...emptyDraft, layout: 'aura' }, 'new', newArea('backup'), undefined);
    draft = withoutArea(draft, 'logs', true);
    expect(changesOf(draft, areas)).toEqual([
      { kind: 'layout', layout: 'aura' },
      { kind: 'remove', path: 'logs' },
      { kind: 'set', path: 'new', role: 'backup' },
    ]);
    expect(rowsOf(draft, areas).map(({ path, state }) => [path, state])).toEqual([
      ['logs', 'removed'],
      ['ml_models', 'same'],
      ['new', 'new'],
      ['stuff', 'same'],
    ]);
    expect(rowsOf(withoutArea(draft, 'new', false), areas).map(({ path }) => path)).not.toContain('new');
  });

  it('take a removed area back when it is edited', () => {
    const draft = withEdit(withoutArea(emptyDraft, 'logs', true), 'logs', { ...valuesOf(logs), required: false }, logs);
    expect(draft.removed).toEqual([]);
  });

  it('want a path that is new', () => {
    const rows = rowsOf(emptyDraft, areas);
    expect(pathProblem('embeddings/', rows)).toBeUndefined();
    expect(pathProblem('stuff', rows)).toBeUndefined();
    expect(pathProblem('logs', rows)).toBe('There is an area at this path.');
    expect(pathProblem('../elsewhere', rows)).toContain('relative to the store');
    expect(pathProblem(' ', rows)).toContain('Write a path');
  });
});
