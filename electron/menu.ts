import type { MenuItemConstructorOptions } from 'electron';

/**
 * The actions of the interface that the menu offers, by the id under which the interface has them. The window is told
 * the id and does the rest, so that menu, palette and buttons do the same.
 */
export const menuActions = [
  'store.add',
  'backup.now',
  'restore.start',
  'palette.open',
  'page.overview',
  'page.stores',
  'page.backups',
  'page.restore',
  'page.activity',
  'page.settings',
  'theme.toggle',
] as const;
export type MenuAction = (typeof menuActions)[number];

export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  /** A build for people: without reload and developer tools. */
  readonly packaged: boolean;
  readonly onAction: (action: MenuAction) => void;
  readonly openLink: (url: string) => void;
}

export const projectUrl = 'https://github.com/larder-app/larder';

/** The application menu, as a template for Electron's `Menu.buildFromTemplate`. */
export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const { platform, packaged, onAction, openLink } = options;
  const mac = platform === 'darwin';

  function action(id: MenuAction, label: string, accelerator?: string): MenuItemConstructorOptions {
    return { id, label, click: () => onAction(id), ...(accelerator === undefined ? {} : { accelerator }) };
  }
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const settings = action('page.settings', 'Settings…', 'CmdOrCtrl+,');

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
      action('store.add', 'Add store…', 'CmdOrCtrl+O'),
      separator,
      action('backup.now', 'Back up now…', 'CmdOrCtrl+B'),
      action('restore.start', 'Restore…', 'CmdOrCtrl+Shift+R'),
      separator,
      ...(mac ? [{ role: 'close' } as const] : [settings, separator, { role: 'quit' } as const]),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      action('palette.open', 'Commands…', 'CmdOrCtrl+K'),
      separator,
      action('page.overview', 'Overview', 'CmdOrCtrl+1'),
      action('page.stores', 'Stores', 'CmdOrCtrl+2'),
      action('page.backups', 'Backups', 'CmdOrCtrl+3'),
      action('page.restore', 'Restore', 'CmdOrCtrl+4'),
      action('page.activity', 'Activity', 'CmdOrCtrl+5'),
      separator,
      action('theme.toggle', 'Switch theme'),
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
    submenu: [{ id: 'help.project', label: 'Larder on the web', click: () => openLink(projectUrl) }],
  };
  return [...(mac ? [application] : []), file, { role: 'editMenu' }, view, { role: 'windowMenu' }, help];
}
