import type { ReactNode } from 'react';
import type { HealthCheck, Store } from '../../../shared/contract/index.ts';
import { formatDateTime } from '../../../shared/format.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, ErrorState, Panel, RelativeTime } from '../../design/index.ts';
import { checkKey, StatusMark } from '../../features/health/index.ts';
import css from './muted-panel.module.css';

/** What does not count, why, and until when. */
export function MutedPanel({ store, checks }: { store: Store; checks: readonly HealthCheck[] }): ReactNode {
  const unmute = useAction('health.unmute');
  return (
    <Panel padding="flush" title="Muted" actions={<span className={css.quiet}>does not count in the score</span>}>
      <ul className={css.list}>
        {checks.map((check) => (
          <li key={checkKey(check)} className={css.line}>
            <StatusMark status={check.status} />
            <div className={css.words}>
              <p>
                <b>{check.title}</b>
                {check.area === undefined ? null : <code className={css.area}>{check.area}</code>}{' '}
                <span className={css.quiet}>{check.evidence}</span>
              </p>
              {check.muted === undefined ? null : (
                <p className={css.quiet}>
                  “{check.muted.reason}”, <RelativeTime atMs={check.muted.sinceMs} />,{' '}
                  {check.muted.untilMs === undefined
                    ? 'until it is taken back'
                    : `until ${formatDateTime(check.muted.untilMs)}`}
                </p>
              )}
            </div>
            <Button
              size="small"
              aria-label={`Let it count again: ${check.title}`}
              busy={unmute.isPending && unmute.variables.check === check.id && unmute.variables.area === check.area}
              onClick={() =>
                unmute.mutate({
                  store: store.id,
                  check: check.id,
                  ...(check.area === undefined ? {} : { area: check.area }),
                })
              }
            >
              Let it count
            </Button>
          </li>
        ))}
      </ul>
      {unmute.isError ? (
        <div className={css.error}>
          <ErrorState compact error={errorData(unmute.error)} />
        </div>
      ) : null}
    </Panel>
  );
}
