import type { ReactNode } from 'react';
import { FlaskConical, FolderCog, FolderPlus } from 'lucide-react';
import { ActionButton } from '../../app/actions/index.ts';
import { Page, PageHeader, RunningJob } from '../../app/frame/index.ts';
import { shortPath } from '../../app/short-path.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction, useRunningJobs, useSystemInfo } from '../../data/index.ts';
import { Button, CommandLine, ErrorState, Icon, Panel } from '../../design/index.ts';
import { DiscoverList } from '../../features/discover/index.ts';
import css from './first-run-page.module.css';

/** Before there is a store: pick a folder, or try everything on a sample. */
export function FirstRunPage(): ReactNode {
  const info = useSystemInfo();
  const create = useAction('sample.create');
  const running = useRunningJobs().find((job) => job.kind === 'sample');
  const home = info?.userHome;
  return (
    <Page label="Welcome">
      <PageHeader title="Welcome to Larder" detail="Where is my space, is my data whole, could I get it back?" />
      <div className={css.cards}>
        <Panel className={css.card}>
          <Icon icon={FolderPlus} size={28} className={css.icon} />
          <h2 className={css.title}>Add your own folder</h2>
          <p className={css.text}>
            Any folder with models, vector stores, caches, datasets or databases. Larder counts it, keeps watching it,
            and can back it up. It changes nothing in it.
          </p>
          <div className={css.action}>
            <ActionButton action="stores.add" variant="primary">
              Choose a folder…
            </ActionButton>
          </div>
        </Panel>
        <Panel className={css.card}>
          <Icon icon={FolderCog} size={28} className={css.icon} />
          <h2 className={css.title}>Set up a data folder</h2>
          <p className={css.text}>
            For a project whose data is to outlive its code and containers: folders, permissions, variables and mounts,
            by a layout. What exists is never overwritten.
          </p>
          <div className={css.action}>
            <ActionButton action="stores.setup">Set up a folder…</ActionButton>
          </div>
        </Panel>
        <Panel className={css.card}>
          <Icon icon={FlaskConical} size={28} className={css.icon} />
          <h2 className={css.title}>Try it on a sample</h2>
          <p className={css.text}>
            About 60 MB of made-up but valid files: models, vectors, prices, caches, logs. Everything can be tried on it
            safely.
          </p>
          {running === undefined ? (
            <div className={css.action}>
              <Button busy={create.isPending} onClick={() => create.mutate({})}>
                Create the sample
              </Button>
            </div>
          ) : (
            <RunningJob job={running} />
          )}
          {create.data === undefined ? null : (
            <p className={css.path}>
              In <code>{shortPath(displayName(create.data.path), home)}</code>
            </p>
          )}
          {create.isError ? <ErrorState error={errorData(create.error)} compact /> : null}
        </Panel>
      </div>
      <Panel title="Found on this machine">
        <DiscoverList />
      </Panel>
      <Panel title="What comes next">
        <ol className={css.steps}>
          <li>
            <b>See</b> how much space each folder takes, live as it changes.
          </li>
          <li>
            <b>Back up</b> with one click. Backups are plain archives that <code>tar</code> can open.
          </li>
          <li>
            <b>Restore</b> a file or everything. What is replaced is kept, so that it can be undone.
          </li>
        </ol>
        <CommandLine
          command="larder sample ~/larder-sample/persistent_data"
          label="The same as a command: create the sample"
        />
      </Panel>
    </Page>
  );
}
