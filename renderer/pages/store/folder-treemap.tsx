import { useState, type ReactNode } from 'react';
import { ChartNoAxesCombined, Folder, Table2 } from 'lucide-react';
import type { Output, Store } from '../../../shared/contract/index.ts';
import { formatBytes } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Bytes,
  Count,
  EmptyState,
  ErrorState,
  IconButton,
  roleColor,
  roleNames,
  roleOrder,
  rowFocus,
  Skeleton,
  Swatch,
  Table,
  Treemap,
  type Column,
} from '../../design/index.ts';
import { openTarget, tileId, tileWords, treemapTiles, type Tile } from './treemap-tiles.ts';
import css from './folder-treemap.module.css';

/** A folder as rectangles as large as what they take on disk, and the same as a table. */
export function FolderTreemap({
  store,
  folder,
  onOpen,
}: {
  store: Store;
  folder: string;
  onOpen: (path: string) => void;
}): ReactNode {
  const [asTable, setAsTable] = useState(false);
  const answer = useCall('usage.treemap', { store: store.id, path: folder });
  if (answer.isError) {
    return (
      <div className={css.state}>
        <ErrorState error={errorData(answer.error)} onRetry={() => void answer.refetch()} />
      </div>
    );
  }
  if (answer.data === undefined) return <Skeleton what="Laying out the folder" shape="block" />;
  const { data } = answer;
  if (data.allocated === 0 || data.tiles.length === 0)
    return <EmptyState icon={Folder} title="Nothing here takes space" />;
  const roles = roleOrder.filter((role) => data.tiles.some((tile) => tile.kind !== 'others' && tile.role === role));
  return (
    <div className={css.body}>
      <div className={css.stage}>
        {asTable ? (
          <TileTable store={store} folder={folder} data={data} />
        ) : (
          <Treemap
            label={`${tileWords(data, folder === '' ? store.name : displayName(folder))} A table is beside it.`}
            tiles={treemapTiles(folder, data.tiles)}
            formatValue={(value) => formatBytes(value)}
            onOpen={(id) => {
              const tile = data.tiles.find((each) => tileId(each) === id);
              const target = tile === undefined ? undefined : openTarget(folder, tile);
              if (target !== undefined) onOpen(target);
            }}
          />
        )}
      </div>
      <div className={css.caption}>
        <ul className={css.legend}>
          {roles.map((role) => (
            <li key={role}>
              <Swatch color={roleColor(role)} />
              {roleNames[role]}
            </li>
          ))}
        </ul>
        <IconButton
          icon={asTable ? ChartNoAxesCombined : Table2}
          label={asTable ? 'Show as treemap' : 'Show as table'}
          size="small"
          onClick={() => setAsTable(!asTable)}
        />
      </div>
    </div>
  );
}

function TileTable({
  store,
  folder,
  data,
}: {
  store: Store;
  folder: string;
  data: Output<'usage.treemap'>;
}): ReactNode {
  const columns: Column<Tile>[] = [
    {
      id: 'name',
      header: 'Name',
      compare: (a, b) => (a.path ?? a.name).localeCompare(b.path ?? b.name),
      cell: (tile) => {
        const target = openTarget(folder, tile);
        const words =
          tile.path === undefined
            ? 'Others, too small to draw'
            : displayName(tile.path.slice(folder === '' ? 0 : folder.length + 1));
        return target === undefined ? (
          <span title={words}>{words}</span>
        ) : (
          <a {...rowFocus} className={css.link} href={href(pagePaths.store(store.id, target))} title={words}>
            {words}
          </a>
        );
      },
    },
    {
      id: 'role',
      header: 'Role',
      className: css.role,
      cell: (tile) => (tile.kind === 'others' ? null : roleNames[tile.role]),
    },
    {
      id: 'allocated',
      header: 'On disk',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.allocated - b.allocated,
      cell: (tile) => <Bytes value={tile.allocated} />,
    },
    {
      id: 'bytes',
      header: 'Size',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.bytes - b.bytes,
      cell: (tile) => <Bytes value={tile.bytes} />,
    },
    {
      id: 'files',
      header: 'Files',
      align: 'end',
      className: css.figure,
      firstDirection: 'down',
      compare: (a, b) => a.files - b.files,
      cell: (tile) => <Count value={tile.files} />,
    },
  ];
  const label = `Parts of ${folder === '' ? store.name : displayName(folder)}`;
  return (
    // The scrolling area must be reachable by keyboard.
    <div className={css.tableScroll} tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <Table
        label={label}
        columns={columns}
        rows={data.tiles}
        rowKey={tileId}
        initialSort={{ column: 'allocated', direction: 'down' }}
        fixed
      />
    </div>
  );
}
