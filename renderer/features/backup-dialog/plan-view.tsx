import type { ReactNode } from 'react';
import type { BackupPlan, Store } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { Bar, ButtonLink, Bytes, Figure, Figures, Note, roleColor, roleNames, Swatch } from '../../design/index.ts';
import { PathList } from '../jobs/index.ts';
import { encryptionWords, freeAfter, leftOut, rolesOf, takesWords, toRead } from './plan-words.ts';
import css from './backup-dialog.module.css';

/** What a backup will hold, read and leave out, where it goes and whether it fits. `onLeave`: a link to a page was followed. */
export function PlanView({ plan, store, onLeave }: { plan: BackupPlan; store: Store; onLeave: () => void }): ReactNode {
  const read = toRead(plan);
  const out = leftOut(plan);
  const outBytes = plan.excluded.reduce((sum, { bytes }) => sum + bytes, 0);
  const skipped = plan.skipped ?? [];
  const remarks = plan.remarks ?? [];
  return (
    <>
      <Figures>
        <Figure label="Holds" note={formatQuantity(plan.files, 'file')}>
          <Bytes value={plan.bytes} />
        </Figure>
        <Figure label="To read" note={formatQuantity(read.files, 'file')}>
          <Bytes value={read.bytes} />
        </Figure>
        {plan.unchanged.files === 0 ? null : (
          <Figure label="Unchanged, not read" note={formatQuantity(plan.unchanged.files, 'file')}>
            <Bytes value={plan.unchanged.bytes} />
          </Figure>
        )}
      </Figures>
      {plan.bytes === 0 ? null : <Bar label="Included, by role" parts={rolesOf(plan)} slim />}
      <dl className={css.facts}>
        <div>
          <dt>Goes to</dt>
          <dd>
            <code className={css.path}>{displayName(plan.destination)}</code>, {encryptionWords(plan, store)}
          </dd>
        </div>
        <div>
          <dt>Space there</dt>
          <dd>
            <Bytes value={plan.free} /> free, at least <Bytes value={freeAfter(plan)} /> afterwards
          </dd>
        </div>
        <div>
          <dt>Takes</dt>
          <dd>{takesWords(plan)}</dd>
        </div>
      </dl>
      {plan.needed > plan.free ? (
        <Note tone="warn" title="There may be too little space">
          Uncompressed it needs <Bytes value={plan.needed} />; if it does not fit, the backup stops and leaves nothing
          behind.
        </Note>
      ) : null}
      {plan.destinationOnSameDisk ? (
        <Note tone="warn" title="The backup folder is on the same disk as the data">
          It helps against deleted and damaged files, not against the loss of the disk.
        </Note>
      ) : null}
      {plan.sealed === true ? (
        <Note title="No key here opens the backup before this one">
          What it holds is known all the same, so unchanged files are not read. What changed is stored whole.
        </Note>
      ) : null}
      {remarks.length === 0 ? null : (
        <Note
          tone="warn"
          title={`${formatQuantity(remarks.length, 'pattern')} may leave nothing out`}
          action={
            <ButtonLink size="small" href={href(pagePaths.backupRules(store.id, 'contents'))} onClick={onLeave}>
              Patterns of this store
            </ButtonLink>
          }
        >
          <ul className={css.remarks}>
            {remarks.map(({ glob, why }) => (
              <li key={glob}>
                <code className={css.path}>{displayName(glob)}</code>: {displayName(why)}
              </li>
            ))}
          </ul>
        </Note>
      )}
      {skipped.length === 0 ? null : (
        <section aria-label="Cannot be read">
          <Note tone="warn" title={`${formatQuantity(skipped.length, 'path')} cannot be read just now`}>
            The backup would be partial: everything else is in it.
          </Note>
          <PathList label="Paths that cannot be read" lines={skipped} />
        </section>
      )}
      <div className={css.columns}>
        <section aria-label="Included">
          <h3 className={css.heading}>Included</h3>
          <ul className={css.list} tabIndex={0} aria-label="Included areas">
            {plan.included
              .toSorted((a, b) => b.bytes - a.bytes)
              .map((area) => (
                <li key={area.path} className={css.line}>
                  <Swatch color={roleColor(area.role)} />
                  <span className={css.name} title={roleNames[area.role]}>
                    {area.path === '' ? 'Files beside the folders' : displayName(area.path)}{' '}
                    <span className={css.reason}>{formatQuantity(area.files, 'file')}</span>
                  </span>
                  <span className={css.size}>
                    <Bytes value={area.bytes} />
                  </span>
                </li>
              ))}
          </ul>
        </section>
        <section aria-label="Left out">
          <h3 className={css.heading}>Left out{out.length === 0 ? '' : `, ${formatBytes(outBytes)}`}</h3>
          {out.length === 0 ? (
            <p className={css.nothing}>Nothing.</p>
          ) : (
            <PathList label="Left out, with the reason" lines={out} />
          )}
        </section>
      </div>
    </>
  );
}
