import type { ReactNode } from 'react';
import { Undo2 } from 'lucide-react';
import type { RestoreRecord } from '../../../shared/contract/index.ts';
import { formatDateTime } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  Button,
  Bytes,
  Dialog,
  EmptyState,
  ErrorState,
  RelativeTime,
  Skeleton,
  Table,
  Tag,
  type Column,
  type Tone,
} from '../../design/index.ts';
import { doneWords } from './plan-words.ts';
import css from './past-restores.module.css';

const tags: Readonly<Record<RestoreRecord['status'], { tone: Tone; word: string }>> = {
  done: { tone: 'ok', word: 'done' },
  partial: { tone: 'warn', word: 'partly' },
  undone: { tone: 'quiet', word: 'undone' },
  interrupted: { tone: 'bad', word: 'interrupted' },
};

/** Every restore Larder remembers, and which can still be undone. */
export function PastRestores({
  onClose,
  onUndo,
}: {
  onClose: () => void;
  onUndo: (restore: string) => void;
}): ReactNode {
  const list = useCall('restore.list', {});
  return (
    <Dialog open onClose={onClose} size="large" title="Past restores" footer={<Button onClick={onClose}>Close</Button>}>
      {list.isError ? (
        <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Skeleton what="Asking for past restores" lines={3} />
      ) : list.data.restores.length === 0 ? (
        <EmptyState icon={Undo2} title="Nothing was restored yet">
          Each restore is listed here, with its Undo.
        </EmptyState>
      ) : (
        <div className={css.table}>
          <Table
            label="Past restores"
            columns={columns(onUndo)}
            rows={list.data.restores}
            rowKey={(record) => record.id}
            initialSort={{ column: 'when', direction: 'down' }}
          />
        </div>
      )}
    </Dialog>
  );
}

function columns(onUndo: (restore: string) => void): Column<RestoreRecord>[] {
  return [
    {
      id: 'when',
      header: 'When',
      firstDirection: 'down',
      compare: (a, b) => a.atMs - b.atMs,
      cell: (record) => <RelativeTime atMs={record.atMs} />,
    },
    {
      id: 'what',
      header: 'What',
      cell: (record) => (
        <div className={css.what}>
          <span>{doneWords(record)}</span>
          <code className={css.target}>{displayName(record.target)}</code>
        </div>
      ),
    },
    {
      id: 'bytes',
      header: 'Written',
      align: 'end',
      firstDirection: 'down',
      compare: (a, b) => a.bytes - b.bytes,
      cell: (record) => <Bytes value={record.bytes} />,
    },
    {
      id: 'status',
      header: 'Status',
      cell: (record) => <Tag tone={tags[record.status].tone}>{tags[record.status].word}</Tag>,
    },
    {
      id: 'undo',
      header: 'Undo',
      headerHidden: true,
      align: 'end',
      cell: (record) =>
        record.undoUntilMs === undefined ? null : (
          <Button
            size="small"
            title={`Possible until ${formatDateTime(record.undoUntilMs)}`}
            onClick={() => onUndo(record.id)}
          >
            Undo…
          </Button>
        ),
    },
  ];
}
