import type { ReactNode } from 'react';
import type { Output, Store } from '../../../shared/contract/index.ts';
import { formatCount, formatDateTime, formatExactBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import { Button, Dialog, ErrorState, roleNames, Skeleton, Tag } from '../../design/index.ts';
import { absolutePath, nameOf } from './folder-view.ts';
import { kindWords, modeWords, ownerWords } from './inspect-words.ts';
import css from './inspect-dialog.module.css';

type Entry = Output<'usage.entry'>;

/** What one file or folder is, as the disk says now. */
export function InspectDialog({
  store,
  path,
  onClose,
}: {
  store: Store;
  path: string;
  onClose: () => void;
}): ReactNode {
  const entry = useCall('usage.entry', { store: store.id, path }, { fresh: true });
  return (
    <Dialog
      open
      onClose={onClose}
      title={displayName(nameOf(path))}
      footer={
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      }
    >
      {entry.data !== undefined ? (
        <Facts store={store} entry={entry.data} />
      ) : entry.isError ? (
        <ErrorState error={errorData(entry.error)} onRetry={() => void entry.refetch()} />
      ) : (
        <Skeleton what="Asking the disk" lines={6} />
      )}
    </Dialog>
  );
}

function Facts({ store, entry }: { store: Store; entry: Entry }): ReactNode {
  const folder = entry.kind === 'dir';
  const more = entry.links - 1 - entry.otherNames.length;
  return (
    <dl className={css.facts}>
      <Fact name="Where">
        <code className={css.path}>{displayName(absolutePath(store.path, entry.path))}</code>
      </Fact>
      <Fact name="Kind">
        {kindWords[entry.kind]}
        {entry.role === 'other' ? null : ` · ${roleNames[entry.role]}`}
        {entry.sparse ? <Tag title="It has holes that take no space">sparse</Tag> : null}
      </Fact>
      {entry.unreadable === undefined ? null : (
        <Fact name="Cannot be read">
          <span className={css.bad}>{entry.unreadable}</span>
        </Fact>
      )}
      {entry.target === undefined ? null : (
        <Fact name="Leads to">
          <code className={css.path}>{displayName(entry.target)}</code>
          {entry.dangling === true ? <Tag tone="warn">nothing is there</Tag> : null}
        </Fact>
      )}
      <Fact name="Size">{formatExactBytes(entry.bytes)}</Fact>
      <Fact name="On disk">{formatExactBytes(entry.allocated)}</Fact>
      {folder ? (
        <Fact name="Holds">
          {formatQuantity(entry.files, 'file')}
          {entry.dirs === 0 ? '' : `, ${formatQuantity(entry.dirs, 'folder')}`}
        </Fact>
      ) : null}
      {folder && entry.newest !== 0 ? <Fact name="Newest change inside">{exactTime(entry.newest)}</Fact> : null}
      <Fact name="Changed">{exactTime(entry.mtimeMs)}</Fact>
      <Fact name="Attributes changed">{exactTime(entry.ctimeMs)}</Fact>
      <Fact name="Permissions">
        <code>{modeWords(entry.mode, entry.kind)}</code>
      </Fact>
      <Fact name="Owner">{ownerWords(entry)}</Fact>
      {folder || entry.links < 2 ? null : (
        <Fact name="Other names">
          <ul className={css.names}>
            {entry.otherNames.map((name) => (
              <li key={name}>
                <code className={css.path}>{displayName(name)}</code>
              </li>
            ))}
            {more > 0 ? (
              <li>
                {entry.otherNames.length === 0 ? formatCount(more) : `${formatCount(more)} more`}
                {entry.otherNames.length < 100 ? ' outside this store' : ''}
              </li>
            ) : null}
          </ul>
        </Fact>
      )}
      <Fact name="File system">
        {entry.fileSystem} at <code className={css.path}>{displayName(entry.mountPoint)}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function exactTime(atMs: number): ReactNode {
  return <time dateTime={new Date(atMs).toISOString()}>{formatDateTime(atMs)}</time>;
}
