import {
  Activity,
  Archive,
  Command,
  Container,
  FolderOpen,
  FolderOutput,
  FolderCog,
  FolderPlus,
  Folders,
  FolderTree,
  HardDriveDownload,
  History,
  Keyboard,
  LayoutDashboard,
  ListChecks,
  LogOut,
  Moon,
  PencilLine,
  Radar,
  RefreshCw,
  ScanSearch,
  Settings,
  SlidersHorizontal,
  Sun,
  SunMoon,
  Trash2,
} from 'lucide-react';
import { pagePaths } from '../paths.ts';
import type { Action, ActionContext, Availability } from './types.ts';

const always = (): Availability => true;
const page =
  (pattern: string) =>
  ({ pages }: ActionContext): Availability =>
    pages.has(pattern);
const withStore = ({ store }: ActionContext): Availability => store !== undefined;

function reachable({ store }: ActionContext): Availability {
  if (store === undefined) return false;
  return store.state === 'ok' ? true : { because: store.stateReason ?? 'Its folder cannot be read right now' };
}

/** Everything a person can do from anywhere, in the order menus show it. */
export const actions: readonly Action[] = [
  {
    id: 'go.overview',
    name: 'Overview',
    group: 'Go to',
    icon: LayoutDashboard,
    shortcut: 'G O',
    available: always,
    run: ({ navigate }) => navigate(pagePaths.overview()),
  },
  {
    id: 'go.stores',
    name: 'Stores',
    group: 'Go to',
    icon: Folders,
    shortcut: 'G S',
    available: always,
    run: ({ navigate }) => navigate(pagePaths.stores()),
  },
  {
    id: 'go.health',
    name: 'Health',
    group: 'Go to',
    icon: ListChecks,
    shortcut: 'G H',
    keywords: 'checks checklist score doctor fix',
    available: page('/health/:check?'),
    run: ({ navigate }) => navigate(pagePaths.health()),
  },
  {
    id: 'go.compose',
    name: 'Compose files',
    group: 'Go to',
    icon: Container,
    keywords: 'docker volumes mounts mistakes yaml',
    available: page('/compose'),
    run: ({ navigate }) => navigate(pagePaths.compose()),
  },
  {
    id: 'go.backups',
    name: 'Backups',
    group: 'Go to',
    icon: Archive,
    shortcut: 'G B',
    available: page('/backups/:backup?'),
    run: ({ navigate }) => navigate(pagePaths.backups()),
  },
  {
    id: 'go.restore',
    name: 'Restore',
    group: 'Go to',
    icon: History,
    shortcut: 'G R',
    keywords: 'bring back files undo',
    available: page('/restore/:backup?/:path?'),
    run: ({ navigate }) => navigate(pagePaths.restore()),
  },
  {
    id: 'go.activity',
    name: 'Activity',
    group: 'Go to',
    icon: Activity,
    shortcut: 'G A',
    keywords: 'jobs log history',
    available: page('/activity/:job?'),
    run: ({ navigate }) => navigate(pagePaths.activity()),
  },
  {
    id: 'go.settings',
    name: 'Settings',
    group: 'Go to',
    icon: Settings,
    shortcut: 'Mod+,',
    keywords: 'preferences doctor',
    available: always,
    run: ({ navigate }) => navigate(pagePaths.settings()),
  },
  {
    id: 'backup.now',
    name: 'Back up now…',
    group: 'Store',
    icon: Archive,
    shortcut: 'Mod+B',
    keywords: 'save copy protect',
    perStore: true,
    available: reachable,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'backup', store });
    },
  },
  {
    id: 'store.open',
    name: 'Show usage',
    group: 'Store',
    icon: FolderOpen,
    keywords: 'open size space',
    perStore: true,
    available: withStore,
    run: ({ store, navigate }) => {
      if (store !== undefined) navigate(pagePaths.store(store.id));
    },
  },
  {
    id: 'store.rescan',
    name: 'Count again',
    group: 'Store',
    icon: ScanSearch,
    keywords: 'scan refresh usage',
    perStore: true,
    available: reachable,
    run: ({ store, rescan }) => {
      if (store !== undefined) rescan(store);
    },
  },
  {
    id: 'store.check',
    name: 'Run the health checks',
    group: 'Store',
    icon: ListChecks,
    keywords: 'health check score doctor',
    perStore: true,
    available: withStore,
    run: ({ store, checkHealth }) => {
      if (store !== undefined) checkHealth(store);
    },
  },
  {
    id: 'store.reveal',
    name: 'Show in file manager',
    group: 'Store',
    icon: FolderOpen,
    keywords: 'reveal finder explorer',
    perStore: true,
    available: (context) => (context.host.revealPath === undefined ? false : reachable(context)),
    run: ({ store, host }) => {
      if (store !== undefined) void host.revealPath?.(store.path);
    },
  },
  {
    id: 'store.rename',
    name: 'Rename…',
    group: 'Store',
    icon: PencilLine,
    perStore: true,
    available: withStore,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'rename', store });
    },
  },
  {
    id: 'store.destination',
    name: 'Change backup folder…',
    group: 'Store',
    icon: FolderOutput,
    keywords: 'destination',
    perStore: true,
    available: withStore,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'destination', store });
    },
  },
  {
    id: 'store.backupRules',
    name: 'Backup rules',
    group: 'Store',
    icon: SlidersHorizontal,
    keywords: 'rotation retention prune keep exclude encryption passphrase',
    perStore: true,
    available: withStore,
    run: ({ store, navigate }) => {
      if (store !== undefined) navigate(pagePaths.backupRules(store.id));
    },
  },
  {
    id: 'store.layout',
    name: 'Areas and rules',
    group: 'Store',
    icon: FolderTree,
    keywords: 'layout roles larder.yaml cleanup permission folders',
    perStore: true,
    available: withStore,
    run: ({ store, navigate }) => {
      if (store !== undefined) navigate(pagePaths.layout(store.id));
    },
  },
  {
    id: 'store.setup',
    name: 'Set up what is missing',
    group: 'Store',
    icon: FolderCog,
    keywords: 'setup create folders permissions owner env compose move migrate',
    perStore: true,
    available: reachable,
    run: ({ store, navigate }) => {
      if (store !== undefined) navigate(pagePaths.setup(store.id));
    },
  },
  {
    id: 'store.test',
    name: 'Test storage…',
    group: 'Store',
    icon: HardDriveDownload,
    keywords: 'write read speed permissions mount disk',
    perStore: true,
    available: withStore,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'storageTest', store });
    },
  },
  {
    id: 'store.settings',
    name: 'What is counted…',
    group: 'Store',
    icon: SlidersHorizontal,
    keywords: 'settings rules mounts file systems',
    perStore: true,
    available: withStore,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'storeSettings', store });
    },
  },
  {
    id: 'store.forget',
    name: 'Remove from Larder…',
    group: 'Store',
    icon: Trash2,
    keywords: 'forget delete',
    perStore: true,
    danger: true,
    available: withStore,
    run: ({ store, openDialog }) => {
      if (store !== undefined) openDialog({ kind: 'forget', store });
    },
  },
  {
    id: 'stores.add',
    name: 'Add a store…',
    group: 'Larder',
    icon: FolderPlus,
    shortcut: 'Mod+Shift+A',
    keywords: 'folder new register',
    available: always,
    run: ({ openDialog }) => openDialog({ kind: 'addStore' }),
  },
  {
    id: 'stores.discover',
    name: 'Discover stores…',
    group: 'Larder',
    icon: Radar,
    keywords: 'find well-known hugging face ollama models caches',
    available: always,
    run: ({ openDialog }) => openDialog({ kind: 'discover' }),
  },
  {
    id: 'stores.setup',
    name: 'Set up a data folder',
    group: 'Larder',
    icon: FolderCog,
    keywords: 'new layout create wizard migrate',
    available: page('/setup/:store?'),
    run: ({ navigate }) => navigate(pagePaths.setup()),
  },
  {
    id: 'palette.open',
    name: 'Search actions',
    group: 'Larder',
    icon: Command,
    shortcut: 'Mod+K',
    available: always,
    run: ({ openDialog }) => openDialog({ kind: 'palette' }),
  },
  {
    id: 'theme.system',
    name: 'Theme: as the system',
    group: 'Larder',
    icon: SunMoon,
    keywords: 'appearance colour color',
    available: always,
    run: ({ setTheme }) => setTheme('system'),
  },
  {
    id: 'theme.light',
    name: 'Theme: light',
    group: 'Larder',
    icon: Sun,
    keywords: 'appearance colour color',
    available: always,
    run: ({ setTheme }) => setTheme('light'),
  },
  {
    id: 'theme.dark',
    name: 'Theme: dark',
    group: 'Larder',
    icon: Moon,
    keywords: 'appearance colour color',
    available: always,
    run: ({ setTheme }) => setTheme('dark'),
  },
  {
    id: 'app.refresh',
    name: 'Ask for everything again',
    group: 'Larder',
    icon: RefreshCw,
    keywords: 'reload refresh',
    available: always,
    run: ({ refresh }) => refresh(),
  },
  {
    id: 'app.shortcuts',
    name: 'Keyboard shortcuts',
    group: 'Larder',
    icon: Keyboard,
    shortcut: '?',
    keywords: 'keys help',
    available: always,
    run: ({ openDialog }) => openDialog({ kind: 'shortcuts' }),
  },
  {
    id: 'app.signOut',
    name: 'Sign out',
    group: 'Larder',
    icon: LogOut,
    available: ({ signOut }) => signOut !== undefined,
    run: ({ signOut }) => signOut?.(),
  },
];

export function findAction(id: string): Action | undefined {
  return actions.find((action) => action.id === id);
}
