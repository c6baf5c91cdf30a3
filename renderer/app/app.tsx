import { useMemo, type ReactNode } from 'react';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { Tooltip } from '@base-ui/react/tooltip';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { EventBridge, ServicesProvider, shouldRetry, useSettings, type Services } from '../data/index.ts';
import { HealthRunsProvider } from '../features/health/index.ts';
import { unlockRemedy } from '../features/secrets/index.ts';
import { ButtonLink, EmptyState, ErrorRemedyProvider, Panel, ToastProvider } from '../design/index.ts';
import { ActionProvider } from './actions/index.ts';
import { ChosenStoreProvider } from './chosen-store.tsx';
import { ActionDialog } from './dialogs.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Frame, Page } from './frame/index.ts';
import { JobToasts } from './job-toasts.tsx';
import { href, pagePaths } from './paths.ts';
import { QuietJobsProvider } from './quiet-jobs.tsx';
import { railActions, routes } from './routes.tsx';
import { useTheme } from './theme.ts';

const pages: ReadonlySet<string> = new Set(routes.map((route) => route.pattern));

/** The whole interface over the services of a shell. */
export function App({ services }: { services: Services }): ReactNode {
  const queries = useMemo(
    () =>
      new QueryClient({
        defaultOptions: {
          // Events say when something is out of date; the engine is on this machine, so a lost network means nothing.
          queries: {
            staleTime: Infinity,
            gcTime: 10 * 60_000,
            retry: shouldRetry,
            networkMode: 'always',
            refetchOnWindowFocus: false,
          },
          mutations: { networkMode: 'always' },
        },
      }),
    [],
  );
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <ServicesProvider services={services}>
          <Tooltip.Provider delay={500}>
            <Router hook={useHashLocation}>
              <ToastProvider>
                <ChosenStoreProvider>
                  <QuietJobsProvider>
                    <HealthRunsProvider>
                      <ErrorRemedyProvider value={unlockRemedy}>
                        <Interface />
                      </ErrorRemedyProvider>
                    </HealthRunsProvider>
                  </QuietJobsProvider>
                </ChosenStoreProvider>
              </ToastProvider>
            </Router>
          </Tooltip.Provider>
        </ServicesProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}

function Interface(): ReactNode {
  useTheme(useSettings()?.theme);
  const [location] = useLocation();
  return (
    <ActionProvider pages={pages} renderDialog={(request, close) => <ActionDialog request={request} onClose={close} />}>
      <EventBridge />
      <JobToasts />
      <Frame rail={railActions}>
        <ErrorBoundary resetKey={location}>
          <Switch>
            {routes.map(({ pattern, render }) => (
              <Route key={pattern} path={pattern}>
                {(params) => render(params)}
              </Route>
            ))}
            <Route>
              <Page label="Not found">
                <Panel>
                  <EmptyState
                    title="There is no page at this address"
                    action={<ButtonLink href={href(pagePaths.overview())}>Go to the overview</ButtonLink>}
                  />
                </Panel>
              </Page>
            </Route>
          </Switch>
        </ErrorBoundary>
      </Frame>
    </ActionProvider>
  );
}
