import { useState, type ReactNode } from 'react';
import { Ellipsis, FolderPlus, FolderTree, Undo2 } from 'lucide-react';
import type { LayoutChange, Store, StoreArea, StoreLayout } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { ActionButton, actionItems, useActionContext } from '../../app/actions/index.ts';
import { PageHeader } from '../../app/frame/index.ts';
import { LeaveGuard } from '../../app/leave-guard.tsx';
import { errorData, useAction } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  EmptyState,
  ErrorState,
  IconButton,
  larderCommand,
  Menu,
  Note,
  Panel,
  Skeleton,
  useDebounced,
} from '../../design/index.ts';
import { DiffView } from '../compose/index.ts';
import { AreaDialog } from './area-dialog.tsx';
import { AreasTable } from './areas-table.tsx';
import { ChooseLayoutDialog } from './choose-layout-dialog.tsx';
import {
  asBefore,
  changeCount,
  changesOf,
  emptyDraft,
  isEmpty,
  rowsOf,
  withEdit,
  withoutArea,
  type AreaRow,
  type Draft,
} from './draft.ts';
import { Problems } from './problems.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { usePlan } from './use-plan.ts';
import css from './editor.module.css';

type Opened = { readonly kind: 'area'; readonly path: string | undefined } | { readonly kind: 'layout' | 'save' };

const noAreas: readonly StoreArea[] = [];

/** The areas of a store, to be changed; nothing is written before the difference was seen. */
export function Editor({ store, layout }: { store: Store; layout: StoreLayout }): ReactNode {
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [opened, setOpened] = useState<Opened>();
  const [saved, setSaved] = useState(false);
  const undo = useAction('layouts.undo');
  const context = useActionContext(store);
  const locked = layout.file === 'broken' ? 'larder.yaml has to be mended first' : undefined;

  // The areas that the changes are made of: with another layout they are that one's.
  const layoutChange: LayoutChange[] = draft.layout === undefined ? [] : [{ kind: 'layout', layout: draft.layout }];
  const base = usePlan(store, layoutChange, layout);
  const areas = draft.layout === undefined ? layout.areas : (base.data?.areas ?? noAreas);
  const changes = changesOf(draft, areas);
  const plan = usePlan(store, useDebounced(changes, 150), layout);
  const rows = rowsOf(draft, areas);
  const dirty = !isEmpty(draft);
  const close = (): void => setOpened(undefined);
  const row = opened?.kind === 'area' ? rows.find(({ path }) => path === opened.path) : undefined;
  const put = (next: Draft): void => {
    setSaved(false);
    setDraft(next);
  };
  const undoLast = (): void => {
    setSaved(false);
    undo.mutate({ store: store.id });
  };

  return (
    <>
      <PageHeader title={`Areas of ${store.name}`} detail={<Source layout={layout} />}>
        <Button icon={FolderTree} disabledReason={locked} onClick={() => setOpened({ kind: 'layout' })}>
          Choose layout…
        </Button>
        <Button icon={FolderPlus} disabledReason={locked} onClick={() => setOpened({ kind: 'area', path: undefined })}>
          Add area…
        </Button>
        <Menu
          label="More about the layout"
          trigger={<IconButton icon={Ellipsis} label="More about the layout" />}
          items={[
            ...actionItems(['store.setup', 'store.test', 'store.backupRules', '-'], context),
            {
              id: 'undo',
              label: 'Undo the last edit of larder.yaml',
              icon: Undo2,
              ...(dirty ? { disabled: true, detail: 'Save or discard your changes first' } : {}),
              run: undoLast,
            },
          ]}
        />
      </PageHeader>
      <Problems layout={layout} store={store} />
      {saved && layout.file !== 'broken' ? (
        <Note
          tone="ok"
          title="larder.yaml is written"
          action={
            <Button size="small" busy={undo.isPending} onClick={undoLast}>
              Undo
            </Button>
          }
        >
          It holds from now on, for usage, backups and health. Comments and all other lines are as they were.
        </Note>
      ) : null}
      {undo.isSuccess && !saved && !dirty ? <Note tone="ok" title="larder.yaml is as it was before" /> : null}
      {undo.isError ? <ErrorState error={errorData(undo.error)} compact /> : null}
      <Missing rows={rows} store={store} />
      <Panel padding="flush">
        {base.isError ? (
          <ErrorState error={errorData(base.error)} onRetry={() => void base.refetch()} />
        ) : draft.layout !== undefined && base.data === undefined ? (
          <Skeleton what="Looking at the layout" shape="rows" lines={8} />
        ) : rows.length === 0 ? (
          <EmptyState icon={FolderTree} title="No areas yet">
            There is no folder in the store. Choose a layout, or add areas by hand.
          </EmptyState>
        ) : (
          <AreasTable
            store={store}
            whole={layout}
            rows={rows}
            locked={locked}
            onEdit={({ path }) => setOpened({ kind: 'area', path })}
            onRemove={({ path, area }) => put(withoutArea(draft, path, area !== undefined))}
            onRevert={({ path }) => put(asBefore(draft, path))}
          />
        )}
      </Panel>
      {dirty ? (
        <Panel title={`What changes in larder.yaml`}>
          {plan.isError ? (
            <ErrorState error={errorData(plan.error)} onRetry={() => void plan.refetch()} compact />
          ) : plan.data === undefined ? (
            <Skeleton what="Working out the difference" lines={4} />
          ) : plan.data.diff === '' ? (
            <p className={css.quiet}>Nothing: larder.yaml says all this already.</p>
          ) : (
            <div className={css.diff}>
              <DiffView patch={plan.data.diff} label="What changes" />
            </div>
          )}
        </Panel>
      ) : null}
      <CommandLine command={larderCommand('layouts', 'of', store.name)} />
      {dirty ? (
        <div className={css.bar} role="region" aria-label="Unsaved changes">
          <span className={css.count} role="status">
            {formatQuantity(changeCount(draft), 'change')}, not saved
          </span>
          <Button onClick={() => put(emptyDraft)}>Discard</Button>
          <Button variant="primary" onClick={() => setOpened({ kind: 'save' })}>
            Save…
          </Button>
        </div>
      ) : null}
      {opened?.kind === 'area' && (opened.path === undefined || row !== undefined) ? (
        <AreaDialog
          store={store}
          row={row}
          rows={rows}
          whole={layout}
          onClose={close}
          onSave={(path, values) => {
            close();
            put(
              withEdit(
                draft,
                path,
                values,
                areas.find((area) => area.path === path),
              ),
            );
          }}
        />
      ) : null}
      {opened?.kind === 'layout' ? (
        <ChooseLayoutDialog
          store={store}
          layout={layout}
          wanted={draft.layout}
          onClose={close}
          onChosen={(wanted) => {
            close();
            const { layout: _, ...rest } = draft;
            const now = layout.layout?.id ?? null;
            put(wanted === undefined || wanted === now ? rest : { ...rest, layout: wanted });
          }}
        />
      ) : null}
      {opened?.kind === 'save' ? (
        <SaveDialog
          store={store}
          changes={changes}
          onClose={close}
          onSaved={() => {
            close();
            setDraft(emptyDraft);
            setSaved(true);
          }}
        />
      ) : null}
      {dirty ? (
        <LeaveGuard title="Leave without saving?">
          {formatQuantity(changeCount(draft), 'change')} of the areas of {store.name}{' '}
          {changeCount(draft) === 1 ? 'is' : 'are'} not written to larder.yaml, and would be lost.
        </LeaveGuard>
      ) : null}
    </>
  );
}

/** Where the areas come from, in a sentence. */
function Source({ layout: { source, layout, file } }: { layout: StoreLayout }): ReactNode {
  if (file === 'broken') return 'larder.yaml is broken and does not count now.';
  if (source === 'larder.yaml') {
    return (
      <>
        From <code>larder.yaml</code> in the store
        {layout === undefined ? null : <>, made of the layout {layout.title}</>}
      </>
    );
  }
  if (source === 'layout') return <>From the layout {layout?.title ?? ''}. The first change makes a larder.yaml.</>;
  return 'Guessed from names and contents. Nobody has said what the folders are.';
}

/** Required folders that are not there, with the way to make them. */
function Missing({ rows, store }: { rows: readonly AreaRow[]; store: Store }): ReactNode {
  const missing = rows.filter(
    ({ area, state }) => state !== 'removed' && area?.required === true && !area.exists && !area.path.includes('*'),
  );
  if (missing.length === 0) return null;
  return (
    <Note
      tone="warn"
      title={`${formatQuantity(missing.length, 'required folder')} ${missing.length === 1 ? 'is' : 'are'} missing`}
      action={
        <ActionButton action="store.setup" store={store} size="small">
          Set up what is missing…
        </ActionButton>
      }
    >
      {missing.map(({ path }) => displayName(path)).join(', ')}
    </Note>
  );
}
