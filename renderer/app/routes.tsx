import type { ReactNode } from 'react';
import { ActivityPage } from '../pages/activity/index.ts';
import { BackupRulesPage } from '../pages/backup-rules/index.ts';
import { BackupsPage } from '../pages/backups/index.ts';
import { ComparePage } from '../pages/compare/index.ts';
import { ComposePage } from '../pages/compose/index.ts';
import { HealthPage } from '../pages/health/index.ts';
import { LayoutPage } from '../pages/layout/index.ts';
import { OverviewPage } from '../pages/overview/index.ts';
import { RestorePage } from '../pages/restore/index.ts';
import { SettingsPage } from '../pages/settings/index.ts';
import { SetupPage } from '../pages/setup/index.ts';
import { StorePage } from '../pages/store/index.ts';
import { StoresPage } from '../pages/stores/index.ts';
import { decodeSegment } from './paths.ts';

type Params = Readonly<Record<string, string | undefined>>;

export interface PageRoute {
  /** As wouter matches it. The actions `go.…` and the rail look for it here. */
  pattern: string;
  render: (params: Params) => ReactNode;
}

function param(params: Params, name: string): string | undefined {
  const text = params[name];
  return text === undefined || text === '' ? undefined : decodeSegment(text);
}

/** Every page. Ids and names in addresses are written by `pagePaths` and read by `param`. */
export const routes: readonly PageRoute[] = [
  { pattern: '/', render: () => <OverviewPage /> },
  { pattern: '/stores', render: () => <StoresPage /> },
  {
    pattern: '/stores/:store/:folder?',
    render: (params) => <StorePage storeId={param(params, 'store') ?? ''} folder={param(params, 'folder') ?? ''} />,
  },
  { pattern: '/health/:check?', render: (params) => <HealthPage check={param(params, 'check')} /> },
  { pattern: '/layout/:store', render: (params) => <LayoutPage storeId={param(params, 'store') ?? ''} /> },
  { pattern: '/setup/:store?', render: (params) => <SetupPage storeId={param(params, 'store')} /> },
  { pattern: '/compose', render: () => <ComposePage /> },
  { pattern: '/backups/:backup?', render: (params) => <BackupsPage backup={param(params, 'backup')} /> },
  {
    pattern: '/compare/:backup/:other?',
    render: (params) => <ComparePage backup={param(params, 'backup') ?? ''} other={param(params, 'other')} />,
  },
  {
    pattern: '/backup-rules/:store/:section?',
    render: (params) => <BackupRulesPage storeId={param(params, 'store') ?? ''} section={param(params, 'section')} />,
  },
  {
    pattern: '/restore/:backup?/:path?',
    render: (params) => <RestorePage backup={param(params, 'backup')} path={param(params, 'path')} />,
  },
  { pattern: '/activity/:job?', render: (params) => <ActivityPage job={param(params, 'job')} /> },
  { pattern: '/settings', render: () => <SettingsPage /> },
];

/** The rail, by action; a page that is not in {@link routes} is not shown. */
export const railActions: readonly string[] = [
  'go.overview',
  'go.stores',
  'go.health',
  'go.backups',
  'go.restore',
  'go.activity',
  'go.settings',
];
