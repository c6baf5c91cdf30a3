import type { ReactNode } from 'react';
import { ArrowLeft, Folders } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Store } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Page, PageHeader } from '../../app/frame/index.ts';
import { href, pagePaths } from '../../app/paths.ts';
import { errorData, useStores } from '../../data/index.ts';
import { ButtonLink, EmptyState, ErrorState, Panel, SegmentedControl, Select, Skeleton } from '../../design/index.ts';
import { ContentsSection } from './contents-section.tsx';
import { KeepingSection } from './keeping-section.tsx';
import { RotationSection } from './rotation-section.tsx';
import { useRules } from './use-rules.ts';
import css from './backup-rules-page.module.css';

const sections = [
  { value: 'rotation', label: 'Rotation' },
  { value: 'contents', label: 'What is in them' },
  { value: 'keeping', label: 'How they are kept' },
] as const;
type Section = (typeof sections)[number]['value'];

/** What is settled for the backups of a store: how long they are kept, what is in them, how they are written. */
export function BackupRulesPage({ storeId, section }: { storeId: string; section: string | undefined }): ReactNode {
  const stores = useStores();
  const store = stores.data?.stores.find(({ id }) => id === storeId);
  const shown = sections.find(({ value }) => value === section)?.value ?? 'rotation';
  return (
    <Page label="Backup rules">
      {stores.isError ? (
        <ErrorState error={errorData(stores.error)} onRetry={() => void stores.refetch()} />
      ) : stores.data === undefined ? (
        <Skeleton what="Asking for the store" lines={6} />
      ) : store === undefined ? (
        <>
          <PageHeader title="Backup rules" />
          <Panel>
            <EmptyState
              icon={Folders}
              title="This store is not in Larder any more"
              action={<ButtonLink href={href(pagePaths.backups())}>Show backups</ButtonLink>}
            />
          </Panel>
        </>
      ) : (
        // What was typed is about this store only.
        <Rules key={store.id} store={store} stores={stores.data.stores} section={shown} />
      )}
    </Page>
  );
}

function Rules({ store, stores, section }: { store: Store; stores: readonly Store[]; section: Section }): ReactNode {
  const [, navigate] = useLocation();
  const { change, busy, error } = useRules(store);
  return (
    <>
      <PageHeader title={`Backup rules of ${store.name}`} detail={<>Backups go to {displayName(store.destination)}</>}>
        {stores.length > 1 ? (
          <span className={css.pick}>
            <Select
              label="Store"
              labelHidden
              value={store.id}
              choices={stores.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(id) => navigate(pagePaths.backupRules(id, section))}
            />
          </span>
        ) : null}
        <ButtonLink icon={ArrowLeft} href={href(pagePaths.backups())}>
          Backups
        </ButtonLink>
      </PageHeader>
      <div>
        <SegmentedControl
          label="Rules about"
          value={section}
          choices={sections}
          onChange={(next) => navigate(pagePaths.backupRules(store.id, next))}
        />
      </div>
      {error === undefined ? null : <ErrorState error={error} />}
      {section === 'rotation' ? (
        <RotationSection store={store} change={change} />
      ) : section === 'contents' ? (
        <ContentsSection store={store} change={change} busy={busy} />
      ) : (
        <KeepingSection store={store} change={change} busy={busy} />
      )}
    </>
  );
}
