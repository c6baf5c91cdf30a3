import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { formatCount, formatQuantity } from '../../../shared/format.ts';
import type { Store } from '../../../shared/contract/index.ts';
import { useAllUsage, useStores } from '../../data/index.ts';
import { cx, Icon } from '../../design/index.ts';
import { findAction, useActionContext } from '../actions/index.ts';
import { href } from '../paths.ts';
import { HealthBadge } from './health-alerts.tsx';
import { Logo } from './logo.tsx';
import { isCurrentPage, watchingWords } from './rail-words.ts';
import css from './rail.module.css';

const noStores: readonly Store[] = [];

/** The pages, at the left. */
export function Rail({ actions }: { actions: readonly string[] }): ReactNode {
  const [location] = useLocation();
  const context = useActionContext();
  return (
    <nav aria-label="Pages" className={css.rail}>
      <a href={href('/')} className={css.brand} aria-label="Larder, overview">
        <Logo />
        Larder
      </a>
      <ul className={css.list}>
        {actions.map((id) => {
          const action = findAction(id);
          if (action === undefined || action.available(context) === false) return null;
          const path = `/${id.replace(/^go\.(overview)?/, '')}`;
          const on = isCurrentPage(location, path);
          return (
            <li key={id}>
              <a href={href(path)} aria-current={on ? 'page' : undefined} className={cx(css.item, on && css.on)}>
                <Icon icon={action.icon} />
                {action.name}
                {id === 'go.health' ? <HealthBadge /> : null}
              </a>
            </li>
          );
        })}
      </ul>
      <Watching />
    </nav>
  );
}

function Watching(): ReactNode {
  const stores = useStores().data?.stores ?? noStores;
  const usage = useAllUsage(stores);
  if (stores.length === 0) return null;
  const files = usage.reduce((sum, each) => sum + (each.data?.files ?? 0), 0);
  const reasons = stores.flatMap((store) =>
    store.live.reason === undefined ? [] : `${store.name}: ${store.live.reason}`,
  );
  return (
    <div className={css.foot} title={reasons.length === 0 ? undefined : reasons.join('\n')}>
      Watching {formatQuantity(stores.length, 'store')}
      <br />
      {formatCount(files)} {files === 1 ? 'file' : 'files'} · {watchingWords(stores.map((store) => store.live.state))}
    </div>
  );
}
