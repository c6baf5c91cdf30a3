import { expect, it } from 'vitest';
import { defaultSettings } from '../../shared/contract/index.ts';
import { createTestContext } from '../testing/index.ts';
import { createSettings } from './index.ts';

it('starts with the defaults, keeps a change, tells of it, and ignores values it does not understand', async () => {
  const context = createTestContext();
  const settings = createSettings({ db: context.db, emit: context.emit });
  const call = { signal: new AbortController().signal };
  expect(settings.get()).toEqual(defaultSettings);
  expect(await settings.handlers.set({ theme: 'dark', undoDays: 3 }, call)).toEqual({
    ...defaultSettings,
    theme: 'dark',
    undoDays: 3,
  });
  expect(context.events).toEqual([{ name: 'settings.changed', data: { settings: settings.get() } }]);
  context.set({ theme: 'plaid' as 'dark' });
  expect(settings.get().theme).toBe('system');
  expect(settings.get().undoDays).toBe(3);
  await context.close();
});
