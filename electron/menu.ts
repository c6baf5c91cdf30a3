import type { MenuItemConstructorOptions } from 'electron';

/**
 * The actions of the interface that the menu offers, by the id under which the interface has them. The window is told
 * the id and does the rest, so that menu, palette and buttons do the same.
 */
export const menuActions = [
  'stores.add',
  'backup.now',
  'palette.open',
  'go.overview',
  'go.stores',
  'go.health',
  'go.backups',
  'go.restore',
  'go.activity',
  'go.settings',
  'theme.system',
  'theme.light',
  'theme.dark',
  'app.refresh',
  'app.shortcuts',
] as const;
export type MenuAction = (typeof menuActions)[number];

export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  /** A build for people: without reload and developer tools. */
  readonly packaged: boolean;
  readonly onAction: (action: MenuAction) => void;
}

/** The application menu, as a template for Electron's `Menu.buildFromTemplate`. */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { platform, packaged, onAction } = options;
  const mac = platform === 'darwin';

  /** The page listens for its own shortcuts; the menu only shows them, where the system lets it. */
  function action(id: MenuAction, label: string, accelerator?: string): MenuItemConstructorOptions {
    const key = accelerator === undefined ? {} : { accelerator, registerAccelerator: false };
    return { id, label, click: () => onAction(id), ...key };
  }
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const settings = action('go.settings', 'Settings…', 'CmdOrCtrl+,');

  const application: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      action('stores.add', 'Add a store…', 'CmdOrCtrl+Shift+A'),
      action('backup.now', 'Back up now…', 'CmdOrCtrl+B'),
      separator,
      ...(mac ? [{ role: 'close' } as const] : [settings, separator, { role: 'quit' } as const]),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      action('palette.open', 'Search actions', 'CmdOrCtrl+K'),
      separator,
      action('go.overview', 'Overview'),
      action('go.stores', 'Stores'),
      action('go.health', 'Health'),
      action('go.backups', 'Backups'),
      action('go.restore', 'Restore'),
      action('go.activity', 'Activity'),
      separator,
      {
        label: 'Theme',
        submenu: [
          action('theme.system', 'As the system'),
          action('theme.light', 'Light'),
          action('theme.dark', 'Dark'),
        ],
      },
      action('app.refresh', 'Ask for everything again'),
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      ...(packaged ? [] : [separator, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    label: '&Help',
    submenu: [action('app.shortcuts', 'Keyboard shortcuts')],
  };
  return [...(mac ? [application] : []), file, { role: 'editMenu' }, view, { role: 'windowMenu' }, help];
}
