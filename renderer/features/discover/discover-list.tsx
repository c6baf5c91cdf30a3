import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Radar, RefreshCw } from 'lucide-react';
import type { Discovered, Output } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useQuietJobs } from '../../app/quiet-jobs.tsx';
import { RunningJob } from '../../app/frame/index.ts';
import { shortPath } from '../../app/short-path.ts';
import { errorData, useAction, useCall, useSystemInfo } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  Bytes,
  Checkbox,
  EmptyState,
  ErrorState,
  Note,
  Skeleton,
  Table,
  Tag,
  type Column,
} from '../../design/index.ts';
import { useJob } from '../jobs/index.ts';
import { scoreWords } from '../layouts/index.ts';
import { canAdd, sortFound, sumWords } from './found.ts';
import css from './discover.module.css';

/**
 * What the machine has of well-known stores, each with its place, size and why it is taken for one. It looks by itself
 * when nobody has looked yet.
 */
export function DiscoverList({
  onLeave,
}: {
  /** A link to a store was followed. */
  onLeave?: () => void;
}): ReactNode {
  const list = useCall('discover.list', {});
  const start = useAction('discover.start');
  const add = useAction('discover.add');
  const [started, setStarted] = useState<string>();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const job = useJob(list.data?.job ?? started);
  const running = job?.status === 'running' ? job : undefined;
  useQuietJobs(({ kind }) => kind === 'discover');

  const look = (): void => {
    start.mutate(
      {},
      {
        onSuccess: ({ job: id }) => {
          setStarted(id);
          void list.refetch();
        },
      },
    );
  };
  const asked = useRef(false);
  const isNew = list.data !== undefined && list.data.atMs === undefined && list.data.job === undefined;
  useEffect(() => {
    if (!isNew || asked.current) return;
    asked.current = true;
    look();
  });

  if (list.isError) return <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton what="Asking what was found" shape="rows" />;

  const looking = running !== undefined || start.isPending;
  const found = sortFound(list.data.found, looking);
  const open = found.filter(canAdd);
  const chosen = open.filter(({ id }) => ticked.has(id));
  const register = (ids: string[]): void => add.mutate({ ids }, { onSuccess: () => setTicked(new Set()) });
  const toggle = (id: string, on: boolean): void =>
    setTicked((before) => {
      const after = new Set(before);
      if (on) after.add(id);
      else after.delete(id);
      return after;
    });
  return (
    <div className={css.list}>
      {running === undefined ? null : <RunningJob job={running} />}
      {job?.status === 'failed' && job.error !== undefined ? <ErrorState error={job.error} compact /> : null}
      {job?.status === 'cancelled' ? <Note title="The search was ended">What it had found is shown.</Note> : null}
      {start.isError ? <ErrorState error={errorData(start.error)} compact onRetry={look} /> : null}
      {found.length === 0 ? (
        looking ? (
          <Skeleton what="Looking for stores" shape="rows" />
        ) : (
          <EmptyState
            icon={Radar}
            title="No well-known store was found"
            action={
              <Button icon={RefreshCw} onClick={look}>
                Look again
              </Button>
            }
          >
            Neither the variables of the environment nor the usual places lead to one. Any other folder can be added by
            hand.
          </EmptyState>
        )
      ) : (
        <>
          <div className={css.bar}>
            {open.length < 2 ? null : (
              <Checkbox
                label="All"
                checked={chosen.length === open.length ? true : chosen.length > 0 ? 'mixed' : false}
                onChange={(on) => setTicked(new Set(on ? open.map(({ id }) => id) : []))}
              />
            )}
            <span className={css.sum} role="status">
              {open.length === 0 ? 'All that can be added is a store already.' : `Not added yet: ${sumWords(open)}`}
            </span>
            {looking ? null : (
              <Button icon={RefreshCw} onClick={look}>
                Look again
              </Button>
            )}
            {open.length === 0 ? null : (
              <Button
                variant="primary"
                busy={add.isPending}
                disabledReason={chosen.length === 0 ? 'Tick the stores to add first' : undefined}
                onClick={() => register(chosen.map(({ id }) => id))}
              >
                {chosen.length === 0 ? 'Add stores' : `Add ${formatQuantity(chosen.length, 'store')}`}
              </Button>
            )}
          </div>
          <Found
            found={found}
            ticked={ticked}
            onToggle={toggle}
            onAdd={(id) => register([id])}
            onLeave={onLeave}
            busy={add.isPending}
          />
        </>
      )}
      {add.isError ? <ErrorState error={errorData(add.error)} compact /> : null}
      <Refused refused={add.data?.refused} found={found} />
    </div>
  );
}

function Refused({
  refused = [],
  found,
}: {
  refused: Output<'discover.add'>['refused'] | undefined;
  found: readonly Discovered[];
}): ReactNode {
  return refused.map(({ id, message, hint }) => (
    <Note key={id} tone="warn" title={`${found.find((one) => one.id === id)?.layout.title ?? id} was not added`}>
      {[message, hint].filter((part) => part !== undefined).join(' ')}
    </Note>
  ));
}

function Found({
  found,
  ticked,
  onToggle,
  onAdd,
  onLeave,
  busy,
}: {
  found: readonly Discovered[];
  ticked: ReadonlySet<string>;
  onToggle: (id: string, on: boolean) => void;
  onAdd: (id: string) => void;
  onLeave: (() => void) | undefined;
  busy: boolean;
}): ReactNode {
  const home = useSystemInfo()?.userHome;
  const columns: readonly Column<Discovered>[] = [
    {
      id: 'tick',
      header: 'Chosen',
      headerHidden: true,
      className: css.tick,
      cell: (one) =>
        canAdd(one) ? (
          <Checkbox
            label={`Add ${one.layout.title}, ${displayName(one.path)}`}
            labelHidden
            checked={ticked.has(one.id)}
            onChange={(next) => onToggle(one.id, next)}
          />
        ) : null,
    },
    {
      id: 'name',
      header: 'Store',
      cell: ({ layout, path, why, speaksFor, score }) => (
        <div className={css.name}>
          <b>{layout.title}</b>
          <code className={css.path} title={displayName(path)}>
            {shortPath(displayName(path), home)}
          </code>
          <span className={css.why} title={[scoreWords(score), ...speaksFor].join('\n')}>
            {displayName(why)}
            {speaksFor.length === 0 ? '' : ` · ${speaksFor.slice(0, 2).map(displayName).join(', ')}`}
          </span>
        </div>
      ),
    },
    {
      id: 'size',
      header: 'Size',
      align: 'end',
      className: css.size,
      cell: ({ size, refusal }) =>
        size === undefined ? (
          <span className={css.why}>{refusal === undefined ? 'counting' : '–'}</span>
        ) : (
          <Bytes value={size.bytes} atLeast={size.atLeast} />
        ),
    },
    {
      id: 'action',
      header: 'Add',
      headerHidden: true,
      align: 'end',
      className: css.action,
      cell: (one) => {
        if (canAdd(one)) {
          return (
            <Button
              size="small"
              busy={busy}
              aria-label={`Add ${one.layout.title}, ${displayName(one.path)}`}
              onClick={() => onAdd(one.id)}
            >
              Add
            </Button>
          );
        }
        if (one.refusal !== undefined) return <span className={css.refusal}>{one.refusal}</span>;
        return (
          <span className={css.added}>
            <Tag tone="ok">Added</Tag>
            {one.store === undefined ? null : (
              <ButtonLink size="small" variant="quiet" href={href(pagePaths.store(one.store))} onClick={onLeave}>
                Show
              </ButtonLink>
            )}
          </span>
        );
      },
    },
  ];
  return (
    <div className={css.found}>
      <Table label="Stores found" columns={columns} rows={found} rowKey={({ id }) => id} fixed />
    </div>
  );
}
