import type { ReactNode } from 'react';
import type { HealthReport, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { useStores } from '../../data/index.ts';
import { ButtonLink, cx, RelativeTime, Tag } from '../../design/index.ts';
import { attention, attentionWords, useAllHealth } from '../../features/health/index.ts';
import { useChosenStore } from '../chosen-store.tsx';
import { href, pagePaths } from '../paths.ts';
import css from './health-alerts.module.css';

const noStores: readonly Store[] = [];
const mostTitles = 3;

export interface HealthAlert {
  store: Store;
  report: HealthReport;
}

/** Stores in which a check fails that is not muted. */
export function useHealthAlerts(): readonly HealthAlert[] {
  const stores = useStores().data?.stores ?? noStores;
  const reports = useAllHealth(stores);
  return stores.flatMap((store, index) => {
    const report = reports[index]?.data?.report;
    return report === undefined || report.ok ? [] : [{ store, report }];
  });
}

/** How many checks fail or warn, in the rail. */
export function HealthBadge(): ReactNode {
  const { store } = useChosenStore();
  const all = useStores().data?.stores ?? noStores;
  const reports = useAllHealth(store === undefined ? all : [store]);
  const counts = reports.flatMap((each) => each.data?.report?.counts ?? []);
  const fail = counts.reduce((sum, each) => sum + each.fail, 0);
  const warn = counts.reduce((sum, each) => sum + each.warn, 0);
  const words = attentionWords({ fail, warn });
  if (words === undefined) return null;
  return (
    <span className={cx(css.badge, fail > 0 && css.bad)} title={words} role="img" aria-label={words}>
      {fail + warn}
    </span>
  );
}

/** A line of the bell for each store in which something fails. */
export function HealthAlerts({ alerts, onGo }: { alerts: readonly HealthAlert[]; onGo: () => void }): ReactNode {
  const { choose } = useChosenStore();
  return alerts.map(({ store, report }) => {
    const failing = attention(report).filter(({ status }) => status === 'fail');
    const more = failing.length - mostTitles;
    return (
      <li key={store.id} className={css.alert}>
        <div className={css.head}>
          <Tag tone="bad">Health</Tag>
          <span className={css.time}>
            <RelativeTime atMs={report.atMs} />
          </span>
        </div>
        <p>
          <b>{store.name}</b>: {formatQuantity(failing.length, 'check fails', 'checks fail')}
        </p>
        <ul className={css.titles}>
          {failing.slice(0, mostTitles).map(({ id, area, title, evidence }) => (
            <li key={`${id} ${area ?? ''}`}>
              {title}: {evidence}
            </li>
          ))}
          {more > 0 ? <li>and {more} more</li> : null}
        </ul>
        <ButtonLink
          size="small"
          href={href(pagePaths.health())}
          onClick={() => {
            choose(store.id);
            onGo();
          }}
        >
          Show health
        </ButtonLink>
      </li>
    );
  });
}
