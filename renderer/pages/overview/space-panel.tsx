import type { ReactNode } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Disk, Forecast, Store, UsageSummary } from '../../../shared/contract/index.ts';
import { byteUnitFor, formatBytes, formatExactBytes, formatPercent, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import { Bar, cx, ErrorState, Note, Panel, Skeleton, useNow, VisuallyHidden } from '../../design/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { shownFigure } from '../../features/usage/index.ts';
import { diskName, diskWarnings, sharingStores } from './disk-warnings.ts';
import { forecastWords } from './forecast-words.ts';
import { spaceBar } from './space-bar.ts';
import css from './space-panel.module.css';

/** Other programs fill disks too, and nothing tells of it. */
const diskMs = 60_000;

export interface SpacePanelProps {
  stores: readonly Store[];
  /** In the order of `stores`. */
  usage: readonly UseQueryResult<UsageSummary>[];
}

/** One figure for all that is shown, and a bar for each disk it lies on. */
export function SpacePanel({ stores, usage }: SpacePanelProps): ReactNode {
  const disks = useCall('usage.disks', {}, { everyMs: diskMs });
  const summaries = usage.flatMap((each) => each.data ?? []);
  const forecasts = useCall('usage.forecast', {}).data?.forecasts ?? [];
  const forecastOf = (disk: Disk): Forecast | undefined =>
    forecasts.find((each) => each.mountPoint === disk.mountPoint);
  const ids = new Set(stores.map((store) => store.id));
  const shown = disks.data?.disks.filter((disk) => disk.stores.some((id) => ids.has(id))) ?? [];
  const allocated = summaries.reduce((sum, each) => sum + each.allocated, 0);
  const counting =
    usage.some((each) => each.isPending || each.data?.countedAtMs === undefined) && usage.some((each) => !each.isError);
  const atLeast = summaries.some((each) => each.atLeast);
  const [figure = '', unit = ''] = shownFigure(allocated, byteUnitFor(allocated)).split(' ');
  const [only] = shown;
  return (
    <Panel>
      <div className={css.head}>
        <p className={css.big} title={formatExactBytes(allocated)}>
          {atLeast ? '≥ ' : ''}
          {figure}{' '}
          <span className={css.unit}>
            {unit} in {formatQuantity(stores.length, 'store')}
          </span>
        </p>
        {counting ? (
          <span className={css.counting} role="status">
            still counting
          </span>
        ) : null}
        <span className={css.space} />
        {only !== undefined && shown.length === 1 ? (
          <DiskWords disk={only} summaries={summaries} forecast={forecastOf(only)} />
        ) : null}
      </div>
      {disks.isError ? (
        <ErrorState error={errorData(disks.error)} onRetry={() => void disks.refetch()} />
      ) : disks.data === undefined ? (
        <Skeleton what="Asking for the disks" lines={2} />
      ) : (
        <ul className={css.disks}>
          {shown.map((disk) => (
            <li key={`${disk.device} ${disk.mountPoint}`}>
              {shown.length > 1 ? (
                <p className={css.diskHead}>
                  <DiskWords disk={disk} summaries={summaries} forecast={forecastOf(disk)} />
                </p>
              ) : null}
              <Bar label={`Space of ${diskName(disk)}`} parts={spaceBar(disk, summaries).parts} />
            </li>
          ))}
        </ul>
      )}
      <Warnings disks={shown} stores={stores} />
      {usage.map((each, index) =>
        each.isError ? (
          <div key={stores[index]?.id} className={css.failure}>
            <Note tone="warn" title={`${stores[index]?.name ?? 'A store'} could not be counted`}>
              {errorData(each.error).message} {errorData(each.error).hint}
            </Note>
          </div>
        ) : null,
      )}
    </Panel>
  );
}

function DiskWords({
  disk,
  summaries,
  forecast,
}: {
  disk: Disk;
  summaries: readonly UsageSummary[];
  forecast: Forecast | undefined;
}): ReactNode {
  const { usedShare, level } = spaceBar(disk, summaries);
  const full = forecastWords(forecast, useNow());
  return (
    <span className={css.words} title={`${disk.type} at ${displayName(disk.mountPoint)}`}>
      {diskName(disk)} · {formatBytes(disk.capacity)} ·{' '}
      <b className={cx(level === 'warn' && css.warn, level === 'bad' && css.bad)}>{formatPercent(usedShare, 1)} used</b>
      {full === undefined ? null : (
        <>
          {' · '}
          <span title={full.detail}>
            {full.short}
            <VisuallyHidden> ({full.detail})</VisuallyHidden>
          </span>
        </>
      )}
    </span>
  );
}

/** What is wrong with the disks shown, or will be. */
function Warnings({ disks, stores }: { disks: readonly Disk[]; stores: readonly Store[] }): ReactNode {
  const sharing = sharingStores(disks, stores);
  const [only] = sharing;
  return (
    <>
      {disks.flatMap(diskWarnings).map(({ id, tone, title, text }) => (
        <div key={id} className={css.failure}>
          <Note tone={tone} title={title}>
            {text}
          </Note>
        </div>
      ))}
      {only === undefined ? null : (
        <div className={css.failure}>
          <Note
            tone="warn"
            title={`${sharing.length === 1 ? 'Backups' : 'Some backups'} lie on the same disk as the data`}
            action={
              sharing.length === 1 ? (
                <ActionButton action="store.destination" store={only} size="small">
                  Change…
                </ActionButton>
              ) : undefined
            }
          >
            Should it fail, both are lost: {sharing.map((store) => store.name).join(', ')}.
          </Note>
        </div>
      )}
    </>
  );
}
