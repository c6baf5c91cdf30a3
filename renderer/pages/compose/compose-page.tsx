import { useState, type ReactNode } from 'react';
import { Container } from 'lucide-react';
import type { Store } from '../../../shared/contract/index.ts';
import { ActionButton } from '../../app/actions/index.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { errorData, useStores } from '../../data/index.ts';
import { Button, EmptyState, ErrorState, Panel, Select, Skeleton } from '../../design/index.ts';
import { ChooseFilesDialog, pathOf, type ChosenFiles } from './choose-files-dialog.tsx';
import { ComposeView } from './compose-view.tsx';
import type { Subject } from './subject.ts';

const noStores: readonly Store[] = [];
const chosenFiles = 'files';

/** Mistakes in compose files that lose data: beside a store, or in files that were chosen. */
export function ComposePage(): ReactNode {
  const { store: chosen, choose } = useChosenStore();
  const list = useStores();
  const stores = list.data?.stores ?? noStores;
  const store = chosen ?? stores[0];
  const [files, setFiles] = useState<ChosenFiles>();
  const path = files === undefined ? undefined : pathOf(files);
  const [choosing, setChoosing] = useState(false);
  const [of, setOf] = useState(chosen?.id);
  if (of !== chosen?.id) {
    // Another store was chosen in the top bar: its files are meant.
    setOf(chosen?.id);
    setFiles(undefined);
  }
  const subject: Subject | undefined =
    path !== undefined ? { kind: 'path', path } : store === undefined ? undefined : { kind: 'store', store };
  const chooseFiles = (
    <Button onClick={() => setChoosing(true)}>{path === undefined ? 'Choose files…' : 'Choose others…'}</Button>
  );
  const dialog = choosing ? (
    <ChooseFilesDialog
      start={files}
      onClose={() => setChoosing(false)}
      onChoose={(next) => {
        setChoosing(false);
        setFiles(next);
      }}
    />
  ) : null;

  if (subject === undefined) {
    return (
      <Page label="Compose files">
        <PageHeader title="Compose files">{list.data === undefined ? null : chooseFiles}</PageHeader>
        {list.isError ? (
          <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />
        ) : list.data === undefined ? (
          <Panel padding="flush">
            <Skeleton what="Asking for the stores" shape="rows" />
          </Panel>
        ) : (
          <Panel>
            <EmptyState
              icon={Container}
              title="No store to look beside"
              action={
                <>
                  <ActionButton action="stores.add" variant="primary" />
                  {chooseFiles}
                </>
              }
            >
              Larder finds the compose files beside a store. Any other files can be checked, too.
            </EmptyState>
          </Panel>
        )}
        {dialog}
      </Page>
    );
  }
  const picker = (
    <Select
      label="Which compose files"
      labelHidden
      value={subject.kind === 'path' ? chosenFiles : subject.store.id}
      choices={[
        ...stores.map((each) => ({ value: each.id, label: `Beside ${each.name}` })),
        ...(subject.kind === 'path' ? [{ value: chosenFiles, label: 'Chosen files' }] : []),
      ]}
      onChange={(id) => {
        if (id === chosenFiles) return;
        setFiles(undefined);
        choose(id);
      }}
    />
  );
  return (
    <Page label="Compose files" wide>
      <ComposeView
        key={subject.kind === 'path' ? subject.path : subject.store.id}
        subject={subject}
        picker={picker}
        chooseFiles={chooseFiles}
      />
      {dialog}
    </Page>
  );
}
