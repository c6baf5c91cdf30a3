import { useState, type ReactNode } from 'react';
import type { RestoreAction, RestorePlan } from '../../../shared/contract/index.ts';
import { formatBytes, formatCount, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Button, Bytes, Count, Dialog, Note, Tag, useVars, VirtualList, type Tone } from '../../design/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import { planFigures, planObstacle } from './plan-words.ts';
import css from './plan-pane.module.css';

/** The numbers of a plan, what stands against it and what it warns of. */
export function PlanSummary({ plan, stale }: { plan: RestorePlan; stale: boolean }): ReactNode {
  const [listed, setListed] = useState(false);
  const obstacle = planObstacle(plan);
  return (
    <div className={css.summary} aria-busy={stale}>
      <dl className={css.figures}>
        {planFigures(plan).map(({ id, label, count }) => (
          <div key={id}>
            <dt>{label}</dt>
            <dd>
              <Count value={count} />
            </dd>
          </div>
        ))}
        <div>
          <dt>To write</dt>
          <dd>
            <Bytes value={plan.bytesToWrite} />
          </dd>
        </div>
        <div>
          <dt>{obstacle === 'space' ? 'Free now' : 'Free afterwards'}</dt>
          <dd>
            <Bytes value={obstacle === 'space' ? plan.free : Math.max(0, plan.free - plan.bytesToWrite)} />
          </dd>
        </div>
      </dl>
      {plan.items.length === 0 ? null : (
        <Button size="small" variant="quiet" className={css.list} onClick={() => setListed(true)}>
          Show every change
        </Button>
      )}
      {obstacle === 'nothing' && !stale ? (
        <Note tone="ok" title="Everything is already as in this backup">
          There is nothing to restore.
        </Note>
      ) : null}
      {obstacle === 'space' ? (
        <Note tone="bad" title="Not enough space">
          {formatBytes(plan.bytesToWrite)} are to be written and {formatBytes(plan.free)} are free. Choose fewer files,
          or a folder on another disk.
        </Note>
      ) : null}
      <Warnings warnings={plan.warnings} />
      {listed ? <ItemsDialog plan={plan} onClose={() => setListed(false)} /> : null}
    </div>
  );
}

/** Warnings shown beside the plan; the rest is a click away. */
const warningsInSight = 2;

function Warnings({ warnings }: { warnings: RestorePlan['warnings'] }): ReactNode {
  const [open, setOpen] = useState(false);
  const shown = warnings.slice(0, warningsInSight);
  if (shown.length === 0) return null;
  return (
    <Note tone="warn" title={formatQuantity(warnings.length, 'warning')}>
      <ul className={css.warnings}>
        {shown.map((warning, index) => (
          <li key={index}>
            {warning.path === undefined ? null : <code>{displayName(warning.path)}</code>} {warning.message}
          </li>
        ))}
      </ul>
      {warnings.length > shown.length ? (
        <Button size="small" variant="quiet" className={css.moreWarnings} onClick={() => setOpen(true)}>
          Show all {warnings.length}
        </Button>
      ) : null}
      {open ? (
        <Dialog open onClose={() => setOpen(false)} title={formatQuantity(warnings.length, 'warning')}>
          <PathList
            label="Warnings"
            lines={warnings.map(({ path, message }) => ({ path: path ?? '', reason: message }))}
          />
        </Dialog>
      ) : null}
    </Note>
  );
}

const actionTags: Readonly<Record<RestoreAction, { tone: Tone; word: string }>> = {
  create: { tone: 'ok', word: 'created' },
  overwrite: { tone: 'warn', word: 'replaced' },
  metadata: { tone: 'info', word: 'permissions' },
  delete: { tone: 'bad', word: 'removed' },
  unchanged: { tone: 'quiet', word: 'same' },
  keep: { tone: 'quiet', word: 'kept' },
};

function ItemsDialog({ plan, onClose }: { plan: RestorePlan; onClose: () => void }): ReactNode {
  const [active, setActive] = useState(-1);
  const { items, moreItems } = plan;
  const ref = useVars<HTMLDivElement>({ '--rows': String(items.length) });
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title="What the restore would change"
      description={
        moreItems > 0
          ? `The first ${formatQuantity(items.length, 'item')}, and ${formatCount(moreItems)} more like them`
          : `In ${displayName(plan.target)}`
      }
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div ref={ref}>
        <VirtualList
          label="Changes"
          className={css.items}
          count={items.length}
          active={active}
          onActiveChange={setActive}
          renderRow={(index) => {
            const item = items[index];
            if (item === undefined) return null;
            const tag = actionTags[item.action];
            const path = item.path === '' ? 'The folder itself' : displayName(item.path);
            return (
              <div className={css.item}>
                <span className={css.itemAction}>
                  <Tag tone={tag.tone}>{tag.word}</Tag>
                </span>
                <code className={css.itemPath} title={path}>
                  {path}
                </code>
                {item.action === 'create' || item.action === 'overwrite' ? <Bytes value={item.bytes} /> : null}
              </div>
            );
          }}
        />
      </div>
    </Dialog>
  );
}
