import { useRef, useState, type ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Store, UsageSummary } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { Icon, Panel, SegmentedControl, type Choice } from '../../design/index.ts';
import { FolderList, type ListOrder } from './folder-list.tsx';
import { FolderTreemap } from './folder-treemap.tsx';
import { crumbs } from './folder-view.ts';
import { useTreeModel } from './use-tree.ts';
import css from './folder-panel.module.css';

type View = 'list' | 'treemap';
const views: readonly Choice<View>[] = [
  { value: 'list', label: 'List' },
  { value: 'treemap', label: 'Treemap' },
];

/** What is in one folder of a store, as a list or as a treemap, with the way back up. */
export function FolderPanel({
  store,
  summary,
  folder,
}: {
  store: Store;
  summary: UsageSummary;
  folder: string;
}): ReactNode {
  const [, navigate] = useLocation();
  const [view, setView] = useState<View>('list');
  const [order, setOrder] = useState<ListOrder>({ sort: 'allocated', reversed: false });
  const model = useTreeModel(store.id);
  // A folder opened with the keyboard has the keyboard.
  const byKeyboard = useRef(false);
  const open = (path: string, keyboard = false): void => {
    byKeyboard.current = keyboard;
    navigate(pagePaths.store(store.id, path));
  };
  return (
    <Panel
      padding="flush"
      title={<Breadcrumb store={store} folder={folder} />}
      actions={<SegmentedControl label="Show as" size="small" value={view} choices={views} onChange={setView} />}
    >
      {view === 'list' ? (
        <FolderList
          store={store}
          summary={summary}
          model={model}
          folder={folder}
          order={order}
          onOrder={setOrder}
          takesFocusRef={byKeyboard}
          onOpen={open}
        />
      ) : (
        <FolderTreemap store={store} folder={folder} onOpen={open} />
      )}
    </Panel>
  );
}

function Breadcrumb({ store, folder }: { store: Store; folder: string }): ReactNode {
  const way = crumbs(store.name, folder);
  return (
    <span className={css.crumbs}>
      {way.map((crumb, index) => (
        <span key={crumb.path} className={css.crumb}>
          {index === 0 ? null : <Icon icon={ChevronRight} size={13} />}
          {index === way.length - 1 ? (
            <span className={css.here}>{displayName(crumb.name)}</span>
          ) : (
            <a className={css.crumbLink} href={href(pagePaths.store(store.id, crumb.path))}>
              {displayName(crumb.name)}
            </a>
          )}
        </span>
      ))}
    </span>
  );
}
