import { useEffect, type ReactNode } from 'react';
import type { ErrorData } from '../../shared/contract/index.ts';
import { Logo } from '../app/frame/index.ts';
import { Button, ErrorState, Panel } from '../design/index.ts';
import css from './sign-in-page.module.css';

export interface SignInPageProps {
  error: ErrorData | undefined;
  /** There was a session and it has ended. */
  ended: boolean;
  onRetry: () => void;
}

/** Without a session: how to get one. There is no password to type. */
export function SignInPage({ error, ended, onRetry }: SignInPageProps): ReactNode {
  useEffect(() => {
    document.title = 'Sign in · Larder';
  }, []);
  return (
    <main className={css.page}>
      <div className={css.card}>
        <p className={css.brand}>
          <Logo /> Larder
        </p>
        <Panel>
          <div className={css.body}>
            <h1>{ended ? 'You are signed out' : 'Sign in'}</h1>
            {error === undefined ? null : (
              <ErrorState error={error} onRetry={error.retryable ? onRetry : undefined} compact />
            )}
            {ended ? <p>The session has ended; it does so when Larder is started anew.</p> : null}
            <p>Larder has no password. It lets in whoever opens the address that it prints where it runs.</p>
            <ol className={css.steps}>
              <li>
                Go to the terminal where <code>larder serve</code> runs. If it does not run, start it there.
              </li>
              <li>Press Enter for a new address. Each one works once, for a minute.</li>
              <li>Open it in this browser.</li>
            </ol>
            {error === undefined ? (
              <div>
                <Button onClick={onRetry}>Look again</Button>
              </div>
            ) : null}
          </div>
        </Panel>
      </div>
    </main>
  );
}
