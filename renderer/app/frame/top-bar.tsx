import type { ReactNode } from 'react';
import { ChevronsUpDown, Moon, Search, Sun, SunMoon } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Settings, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { useCall, useSettings, useStores, useSystemInfo } from '../../data/index.ts';
import { Icon, IconButton, Menu, type MenuItem } from '../../design/index.ts';
import { findAction, isMac, shortcutText, useActionContext } from '../actions/index.ts';
import { useChosenStore } from '../chosen-store.tsx';
import { pagePaths } from '../paths.ts';
import { shortPath } from '../short-path.ts';
import { JobsPill } from './jobs-pill.tsx';
import { Notices } from './notices.tsx';
import css from './top-bar.module.css';

const noStores: readonly Store[] = [];

/** Which store, search, what runs, notices and theme. */
export function TopBar(): ReactNode {
  return (
    <header className={css.bar}>
      <StoreSwitcher />
      <SearchButton />
      <JobsPill />
      <Notices />
      <ThemeMenu />
    </header>
  );
}

function StoreSwitcher(): ReactNode {
  const list = useStores().data?.stores;
  const stores = list ?? noStores;
  const disks = useCall('usage.disks', {}, { enabled: stores.length > 0 }).data?.disks.length;
  const { store, choose } = useChosenStore();
  const context = useActionContext();
  const home = useSystemInfo()?.userHome;
  const [location, navigate] = useLocation();
  const detail =
    store === undefined
      ? `${formatQuantity(stores.length, 'store').replace(/ stores?$/, '')}${disks === undefined ? '' : ` on ${formatQuantity(disks, 'disk')}`}`
      : shortPath(displayName(store.path), home);
  if (stores.length === 0) return <span className={css.none}>{list === undefined ? '' : 'No stores yet'}</span>;

  const go = (id: string | undefined): void => {
    choose(id);
    // A page about one store follows the choice.
    if (location.startsWith('/stores')) navigate(id === undefined ? pagePaths.stores() : pagePaths.store(id));
  };
  const add = findAction('stores.add');
  const items: MenuItem[] = [
    { id: 'all', label: 'All stores', checked: store === undefined, run: () => go(undefined) },
    ...stores.map((each) => ({
      id: each.id,
      label: each.name,
      detail: shortPath(displayName(each.path), home),
      checked: each.id === store?.id,
      run: () => go(each.id),
    })),
    { separator: 'end' },
    ...(add === undefined ? [] : [{ id: add.id, label: add.name, icon: add.icon, run: () => add.run(context) }]),
  ];
  return (
    <Menu
      align="start"
      label="Stores"
      items={items}
      trigger={
        <button type="button" className={css.switch}>
          <span className={css.switchName}>{store?.name ?? 'All stores'}</span>
          <span className={css.switchDetail}>{detail}</span>
          <Icon icon={ChevronsUpDown} size={14} className={css.switchIcon} />
        </button>
      }
    />
  );
}

function SearchButton(): ReactNode {
  const context = useActionContext();
  const action = findAction('palette.open');
  if (action?.shortcut === undefined) return null;
  return (
    <button type="button" className={css.search} onClick={() => action.run(context)}>
      <Icon icon={Search} size={14} />
      <span className={css.searchText}>{action.name}</span>
      <kbd className={css.keys}>{shortcutText(action.shortcut, isMac)}</kbd>
    </button>
  );
}

const themeIcons = { system: SunMoon, light: Sun, dark: Moon } as const;
const themeNames: Readonly<Record<Settings['theme'], string>> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
};

function ThemeMenu(): ReactNode {
  const theme = useSettings()?.theme ?? 'system';
  const { setTheme } = useActionContext();
  return (
    <Menu
      label="Theme"
      items={(['system', 'light', 'dark'] as const).map((each) => ({
        id: each,
        label: themeNames[each],
        icon: themeIcons[each],
        checked: each === theme,
        run: () => setTheme(each),
      }))}
      trigger={<IconButton icon={themeIcons[theme]} label="Theme" />}
    />
  );
}
