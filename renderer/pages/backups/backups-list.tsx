import { useMemo, useState, type ReactNode } from 'react';
import { GitCompare, Pin, PinOff, Trash2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount } from '../../../shared/format.ts';
import { pagePaths } from '../../app/paths.ts';
import { Button, Bytes, EmptyState, Figure, Figures, Panel, RelativeTime, Select } from '../../design/index.ts';
import { backupLine, Timeline, usePin, type LookedDot } from '../../features/backups/index.ts';
import { BackupDetail } from './backup-detail.tsx';
import { comparable, filterBackups, lookOf, totalsOf, whyNotRemovable, type BackupFilter } from './backup-figures.ts';
import { useBackupMenu, type BackupWindow } from './backup-menu.ts';
import { BackupsTable } from './backups-table.tsx';
import css from './backups-page.module.css';

/** The backups on a line of time and in a table, and the chosen one beside it. */
export function BackupsList({
  backups,
  stores,
  wanted,
  chosenStore,
  openWindow,
}: {
  backups: readonly Backup[];
  stores: readonly Store[];
  /** The backup the address names. */
  wanted: string | undefined;
  chosenStore: Store | undefined;
  openWindow: (request: BackupWindow) => void;
}): ReactNode {
  const [choice, setChoice] = useState({ wanted, id: wanted });
  // An address that names another backup wins over what was opened before.
  if (choice.wanted !== wanted) setChoice({ wanted, id: wanted });
  const open = (id: string | undefined): void => setChoice({ wanted, id });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [filter, setFilter] = useState<BackupFilter>('all');
  const [text, setText] = useState('');
  const [storeName, setStoreName] = useState('');
  const menu = useBackupMenu({ stores, openWindow });

  const names = useMemo(() => [...new Set(backups.map((backup) => backup.storeName))].sort(), [backups]);
  const ofStore = names.includes(storeName) ? storeName : undefined;
  const shown = useMemo(
    () => filterBackups(backups, { filter, text, storeName: ofStore }),
    [backups, filter, text, ofStore],
  );
  const dots = useMemo<LookedDot[]>(
    () =>
      shown.map((backup) => ({
        key: backup.id,
        atMs: backup.startedAtMs,
        weight: backup.storedBytes,
        look: lookOf(backup),
        words: backupLine(backup),
      })),
    [shown],
  );
  const opened = backups.find((backup) => backup.id === choice.id);
  const chosen = backups.filter(({ id }) => selected.has(id));
  return (
    <>
      <Panel>
        <Totals backups={shown} />
        <Timeline
          label="Timeline of backups"
          dots={dots}
          chosen={opened?.id}
          onChoose={open}
          legend={[
            { look: 'full', label: 'full' },
            { look: 'incremental', label: 'incremental' },
            { look: 'partial', label: 'partial' },
            { look: 'bad', label: 'damaged or unusable' },
          ]}
        />
      </Panel>
      <div className={opened === undefined ? css.alone : css.beside}>
        <Panel padding="flush" className={css.table}>
          {chosen.length > 0 ? (
            <Together chosen={chosen} stores={stores} openWindow={openWindow} onClear={() => setSelected(new Set())} />
          ) : (
            <div className={css.bar}>
              <input
                type="search"
                className={css.search}
                aria-label="Find backups"
                placeholder="Find by note, date or id"
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              {chosenStore === undefined && names.length > 1 ? (
                <span className={css.pick}>
                  <Select
                    label="Store"
                    labelHidden
                    value={ofStore ?? ''}
                    choices={[
                      { value: '', label: 'All stores' },
                      ...names.map((name) => ({ value: name, label: name })),
                    ]}
                    onChange={setStoreName}
                  />
                </span>
              ) : null}
              <Select
                label="Shown backups"
                labelHidden
                value={filter}
                choices={[
                  { value: 'all', label: 'All backups' },
                  { value: 'full', label: 'Full' },
                  { value: 'incremental', label: 'Incremental' },
                  { value: 'pinned', label: 'Pinned' },
                  { value: 'bad', label: 'With problems' },
                ]}
                onChange={setFilter}
              />
              <span className={css.count} role="status">
                {shown.length === backups.length
                  ? `${formatCount(backups.length)} in all`
                  : `${formatCount(shown.length)} of ${formatCount(backups.length)}`}
              </span>
            </div>
          )}
          {shown.length === 0 ? (
            <EmptyState
              title="No backup fits"
              action={
                <Button
                  onClick={() => {
                    setFilter('all');
                    setText('');
                    setStoreName('');
                  }}
                >
                  Show all backups
                </Button>
              }
            />
          ) : (
            <BackupsTable
              backups={shown}
              opened={opened?.id}
              onOpen={(backup) => open(backup.id === opened?.id ? undefined : backup.id)}
              selected={selected}
              onSelect={setSelected}
              onRemove={(backup) => {
                const going = selected.has(backup.id) ? chosen : [backup];
                if (whyNotRemovable(going, stores) === undefined) openWindow({ kind: 'remove', backups: going });
              }}
              menu={menu}
              withStore={chosenStore === undefined && names.length > 1}
            />
          )}
        </Panel>
        {opened === undefined ? null : (
          <BackupDetail
            key={opened.id}
            backup={opened}
            items={menu(opened)}
            openWindow={openWindow}
            onClose={() => open(undefined)}
          />
        )}
      </div>
    </>
  );
}

/** What can be done with several backups at once. */
function Together({
  chosen,
  stores,
  openWindow,
  onClear,
}: {
  chosen: readonly Backup[];
  stores: readonly Store[];
  openWindow: (request: BackupWindow) => void;
  onClear: () => void;
}): ReactNode {
  const [, navigate] = useLocation();
  const pin = usePin();
  const two = comparable(chosen);
  const allPinned = chosen.every(({ pinned }) => pinned);
  const kept = whyNotRemovable(chosen, stores);
  return (
    <div className={css.bar} role="group" aria-label="Chosen backups">
      <b>{formatCount(chosen.length)} chosen</b>
      <span className={css.quiet}>{formatBytes(chosen.reduce((sum, { storedBytes }) => sum + storedBytes, 0))}</span>
      <Button
        size="small"
        icon={GitCompare}
        disabledReason={two === undefined ? 'Choose two backups that can be read' : undefined}
        onClick={() => {
          if (two !== undefined) navigate(pagePaths.compare(two[0].id, two[1].id));
        }}
      >
        Compare
      </Button>
      <Button size="small" icon={allPinned ? PinOff : Pin} onClick={() => pin(chosen, !allPinned)}>
        {allPinned ? 'Unpin' : 'Pin'}
      </Button>
      <Button
        size="small"
        icon={Trash2}
        disabledReason={kept}
        onClick={() => openWindow({ kind: 'remove', backups: chosen })}
      >
        Remove…
      </Button>
      <span className={css.count}>
        <Button size="small" variant="quiet" onClick={onClear}>
          Choose none
        </Button>
      </span>
    </div>
  );
}

function Totals({ backups }: { backups: readonly Backup[] }): ReactNode {
  const { count, storedBytes, reusedBytes, newest, bad } = totalsOf(backups);
  return (
    <Figures>
      <Figure label={count === 1 ? 'Backup' : 'Backups'}>{formatCount(count)}</Figure>
      <Figure label="Stored">
        <Bytes value={storedBytes} />
      </Figure>
      {reusedBytes === 0 ? null : (
        <Figure label="Not stored again">
          <Bytes value={reusedBytes} />
        </Figure>
      )}
      {newest === undefined ? null : (
        <Figure label="Newest">
          <RelativeTime atMs={newest.startedAtMs} />
        </Figure>
      )}
      {bad === 0 ? null : <Figure label="Damaged or unusable">{formatCount(bad)}</Figure>}
    </Figures>
  );
}
