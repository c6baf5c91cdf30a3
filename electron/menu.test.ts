import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { menuActions, menuTemplate } from './menu.ts';
import type { MenuAction } from './menu.ts';

function flatten(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flatten(item.submenu) : [])]);
}

function itemsOf(platform: NodeJS.Platform, packaged: boolean, chosen: string[] = []): MenuItemConstructorOptions[] {
  return flatten(
    menuTemplate({
      platform,
      packaged,
      onAction: (action: MenuAction) => chosen.push(action),
    }),
  );
}

describe.each(['linux', 'darwin', 'win32'] as const)('the menu on %s', (platform) => {
  it('offers every action once and says which was chosen', () => {
    const chosen: string[] = [];
    const items = itemsOf(platform, true, chosen);
    for (const action of menuActions) {
      const offered = items.filter((item) => item.id === action);
      expect(offered).toHaveLength(1);
      (offered[0]?.click as () => void)();
    }
    expect(chosen).toEqual([...menuActions]);
  });

  it('uses no shortcut twice', () => {
    const keys = itemsOf(platform, false).flatMap((item) => item.accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has reload and developer tools in development only', () => {
    const roles = (packaged: boolean) => itemsOf(platform, packaged).map((item) => item.role);
    expect(roles(false)).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
    for (const role of ['reload', 'forceReload', 'toggleDevTools']) expect(roles(true)).not.toContain(role);
  });
});
