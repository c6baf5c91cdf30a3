import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatDateTime, formatQuantity, formatTimeOfDay } from '../../../shared/format.ts';
import { Button, Bytes, cx, RelativeTime, Tag, useNow } from '../../design/index.ts';
import { backupTags } from '../../features/backups/index.ts';
import { groupByDay, largeFrom } from './moments.ts';
import css from './when-pane.module.css';

/** Moments shown before the person asks for older ones. */
const shownAtFirst = 100;

export interface WhenPaneProps {
  backups: readonly Backup[];
  chosen: string;
  onChoose: (backup: string) => void;
  /** Names the store of each moment. */
  withStore: boolean;
}

/** The backups on a line of time, by day; one is chosen. */
export function WhenPane({ backups, chosen, onChoose, withStore }: WhenPaneProps): ReactNode {
  const now = useNow();
  const [more, setMore] = useState(0);
  const listRef = useRef<HTMLDivElement>(null);
  const chosenAt = backups.findIndex((backup) => backup.id === chosen);
  const shown = backups.slice(0, Math.max(shownAtFirst + more, chosenAt + 1));
  const large = largeFrom(backups);
  const optionId = (backup: Backup): string => `moment-${backup.id}`;

  useEffect(() => {
    listRef.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next =
      event.key === 'ArrowDown'
        ? shown[chosenAt + 1]
        : event.key === 'ArrowUp'
          ? shown[chosenAt - 1]
          : event.key === 'Home'
            ? shown[0]
            : event.key === 'End'
              ? shown.at(-1)
              : undefined;
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.id);
  };
  const current = backups[chosenAt];
  return (
    <>
      <div
        ref={listRef}
        role="listbox"
        aria-label="Backups"
        aria-activedescendant={current === undefined ? undefined : optionId(current)}
        tabIndex={0}
        className={css.list}
        onKeyDown={onKeyDown}
      >
        {groupByDay(shown, now).map((day) => (
          <div key={day.key} role="group" aria-label={day.label} className={css.day}>
            <div className={css.dayName} aria-hidden="true">
              {day.label}
            </div>
            {day.backups.map((backup) => (
              <Moment
                key={backup.id}
                id={optionId(backup)}
                backup={backup}
                selected={backup.id === chosen}
                large={backup.storedBytes >= large}
                withStore={withStore}
                onChoose={() => onChoose(backup.id)}
              />
            ))}
          </div>
        ))}
      </div>
      {shown.length < backups.length ? (
        <Button size="small" variant="quiet" onClick={() => setMore(more + shownAtFirst)}>
          Show older
        </Button>
      ) : null}
    </>
  );
}

function Moment({
  id,
  backup,
  selected,
  large,
  withStore,
  onChoose,
}: {
  id: string;
  backup: Backup;
  selected: boolean;
  large: boolean;
  withStore: boolean;
  onChoose: () => void;
}): ReactNode {
  const tags = backupTags(backup).filter((tag) => tag.id !== 'unverified');
  return (
    <div
      id={id}
      role="option"
      aria-selected={selected}
      className={cx(css.moment, selected && css.on)}
      title={formatDateTime(backup.startedAtMs)}
      onClick={onChoose}
    >
      <span className={cx(css.dot, large && css.large)} aria-hidden="true" />
      <span className={css.words}>
        <span className={css.first}>
          <b>{formatTimeOfDay(backup.startedAtMs)}</b>{' '}
          <span className={css.ago}>
            <RelativeTime atMs={backup.startedAtMs} />
          </span>
        </span>
        {withStore ? <span className={css.store}>{backup.storeName}</span> : null}
        {backup.note === undefined ? null : <span className={css.note}>{backup.note}</span>}
        <span className={css.figures}>
          {backup.status === 'partial' ? (
            `${formatQuantity(backup.skipped.length, 'path')} skipped`
          ) : (
            <>
              {formatQuantity(backup.files, 'file')} · <Bytes value={backup.bytes} />
            </>
          )}
        </span>
        {tags.length === 0 ? null : (
          <span className={css.tags}>
            {tags.map((tag) => (
              <Tag key={tag.id} tone={tag.tone} title={tag.detail}>
                {tag.word}
              </Tag>
            ))}
          </span>
        )}
      </span>
    </div>
  );
}
