import { useState, type ReactNode } from 'react';
import type { LayoutCandidate, Store, StoreLayout } from '../../../shared/contract/index.ts';
import { errorData, useAction, useCall } from '../../data/index.ts';
import { Button, Dialog, ErrorState, SegmentedControl, Skeleton } from '../../design/index.ts';
import { LayoutPicker, type LayoutPick } from '../../features/layouts/index.ts';
import css from './choose-layout-dialog.module.css';

const places = [
  { value: 'here', label: 'Only in this Larder' },
  { value: 'file', label: 'In larder.yaml, for everybody' },
] as const;

const noCandidates: readonly LayoutCandidate[] = [];

/**
 * Chooses another layout for a store. With a `larder.yaml` it becomes one of the changes of that; without one, Larder
 * alone may remember it.
 */
export function ChooseLayoutDialog({
  store,
  layout,
  wanted,
  onClose,
  onChosen,
}: {
  store: Store;
  layout: StoreLayout;
  /** Chosen before and not saved yet. */
  wanted: string | null | undefined;
  onClose: () => void;
  /** `undefined`: nothing is left to be written. */
  onChosen: (layout: string | null | undefined) => void;
}): ReactNode {
  const detected = useCall('layouts.detect', { path: store.path }, { fresh: true });
  const update = useAction('stores.update');
  const now: LayoutPick = (wanted === undefined ? layout.layout?.id : wanted) ?? 'none';
  const [pick, setPick] = useState<LayoutPick>(now);
  const [place, setPlace] = useState<'here' | 'file'>(layout.file === 'none' ? 'here' : 'file');
  const chosen = pick === 'none' ? null : pick;
  const submit = (): void => {
    if (place === 'file') onChosen(chosen);
    else update.mutate({ store: store.id, layout: chosen }, { onSuccess: () => onChosen(undefined) });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={`Layout of ${store.name}`}
      footerStart={
        layout.file === 'none' ? (
          <SegmentedControl label="Where it is remembered" value={place} choices={places} onChange={setPlace} />
        ) : undefined
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={update.isPending}
            disabledReason={pick === now ? 'This is its layout already' : undefined}
            onClick={submit}
          >
            {place === 'here' ? 'Use this layout' : 'Take over'}
          </Button>
        </>
      }
    >
      <div className={css.body}>
        {detected.isPending ? (
          <Skeleton what="Looking at the folder" shape="rows" lines={6} />
        ) : (
          <LayoutPicker candidates={detected.data?.candidates ?? noCandidates} value={pick} onChange={setPick} />
        )}
        {detected.isError ? <ErrorState error={errorData(detected.error)} compact /> : null}
        {update.isError ? <ErrorState error={errorData(update.error)} compact /> : null}
      </div>
    </Dialog>
  );
}
