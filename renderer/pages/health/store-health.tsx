import { useState, type ReactNode } from 'react';
import { Container, ListChecks, RotateCw, Wrench } from 'lucide-react';
import type { HealthReport, Store } from '../../../shared/contract/index.ts';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { errorData, useConnection } from '../../data/index.ts';
import {
  Button,
  ButtonLink,
  CommandLine,
  EmptyState,
  ErrorState,
  larderCommand,
  Note,
  Panel,
  Skeleton,
} from '../../design/index.ts';
import { attention, FixDialog, useHealth, useHealthRuns } from '../../features/health/index.ts';
import { Checks } from './checks.tsx';
import { RunEnd, RunProgress } from './run-bar.tsx';
import { ScorePanel } from './score-panel.tsx';

/** The checklist of one store. `wanted`: id of the check the page was opened for. */
export function StoreHealth({ store, wanted }: { store: Store; wanted: string | undefined }): ReactNode {
  const { query, run, running } = useHealth(store.id);
  const runs = useHealthRuns();
  const { choose } = useChosenStore();
  const offline = useConnection() !== 'connected';
  const [fixing, setFixing] = useState<{ check: string | undefined }>();
  const report = query.data?.report;
  return (
    <Page label="Health">
      <PageHeader title="Health" detail={store.name}>
        <ButtonLink icon={Container} href={href(pagePaths.compose())} onClick={() => choose(store.id)}>
          Compose files
        </ButtonLink>
        {report === undefined || !canFix(report) ? null : (
          <Button icon={Wrench} onClick={() => setFixing({ check: undefined })}>
            Fix what is safe…
          </Button>
        )}
        <Button
          variant="primary"
          icon={RotateCw}
          busy={running}
          disabledReason={offline ? 'Larder cannot be reached right now' : undefined}
          onClick={() => runs.run(store.id)}
        >
          Run all now
        </Button>
      </PageHeader>
      {store.state === 'ok' ? null : (
        <Note tone="bad" title={store.state === 'missing' ? 'The folder is not there' : 'The folder cannot be read'}>
          {store.stateReason} What stands below is from when it was last looked at.
        </Note>
      )}
      {query.isError ? (
        <ErrorState error={errorData(query.error)} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <>
          <Panel>
            <Skeleton what="Asking for the last report" lines={5} />
          </Panel>
          <Panel padding="flush">
            <Skeleton what="Asking for the checks" shape="rows" lines={8} />
          </Panel>
        </>
      ) : (
        <>
          {report === undefined ? null : <ScorePanel store={store} report={report} />}
          <RunEnd store={store} run={run} running={running} />
          {report !== undefined ? (
            <Checks
              store={store}
              report={report}
              wanted={wanted}
              run={<RunProgress store={store} run={run} running={running} />}
              onFix={(check) => setFixing({ check })}
            />
          ) : running ? (
            <>
              <RunProgress store={store} run={run} running={running} />
              <Panel padding="flush">
                <Skeleton what="The first run of the checks" shape="rows" lines={10} />
              </Panel>
            </>
          ) : (
            <Panel>
              <EmptyState
                icon={ListChecks}
                title="Not checked yet"
                action={<Button onClick={() => runs.run(store.id)}>Run the checks</Button>}
              >
                Folders, permissions, disk, models, backups and compose files are looked at. Nothing is changed.
              </EmptyState>
            </Panel>
          )}
        </>
      )}
      <CommandLine command={larderCommand('health', store.name)} />
      {fixing === undefined ? null : (
        <FixDialog store={store} check={fixing.check} onClose={() => setFixing(undefined)} />
      )}
    </Page>
  );
}

function canFix(report: HealthReport): boolean {
  return attention(report).some(({ fix }) => fix !== undefined);
}
