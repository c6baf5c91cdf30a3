import { useEffect, type ReactNode } from 'react';
import type { LayoutCandidate } from '../../../shared/contract/index.ts';
import { errorData, useCall } from '../../data/index.ts';
import { ErrorState, Note, Panel, Skeleton } from '../../design/index.ts';
import { LayoutPicker, scoreWords } from '../../features/layouts/index.ts';
import { pathOf } from './choices.ts';
import type { StepProps } from './folder-step.tsx';

const noCandidates: readonly LayoutCandidate[] = [];
const ownFile = {
  label: 'As its larder.yaml says',
  words: 'The folder has a larder.yaml of its own, which names its areas. It is taken as it is.',
};

/** The layouts, what fits the folder first. */
export function LayoutStep({ choices, onChange }: StepProps): ReactNode {
  const detected = useCall('layouts.detect', { path: pathOf(choices) }, { fresh: true });
  // A folder that is not there yet has nothing to go by.
  const isNew = detected.isError && errorData(detected.error).code === 'NOT_FOUND';
  const found = detected.data;
  const best = found?.candidates[0];
  const hasOwn = found?.areas.some(({ source }) => source === 'larder.yaml') === true;
  const suggestion = found?.layout ?? (hasOwn ? 'none' : undefined);
  useEffect(() => {
    if (choices.layout === undefined && suggestion !== undefined) onChange({ layout: suggestion });
  });
  return (
    <>
      {isNew ? (
        <Note title="The folder is not there yet">Nothing speaks for one layout or another: choose one.</Note>
      ) : detected.isError ? (
        <ErrorState error={errorData(detected.error)} onRetry={() => void detected.refetch()} />
      ) : found === undefined ? null : found.layout !== undefined && best !== undefined ? (
        <Note tone="ok" title={`It looks like ${best.title}, ${scoreWords(best.score)}`}>
          Check what speaks for it, and choose another if it is not.
        </Note>
      ) : hasOwn ? (
        <Note tone="ok" title="The folder has a larder.yaml" />
      ) : (
        <Note title="No layout is convincing">
          {best === undefined ? 'Nothing in the folder points to one.' : 'Those that fit a little come first.'}
        </Note>
      )}
      <Panel>
        {detected.isPending ? (
          <Skeleton what="Looking at the folder" shape="rows" lines={8} />
        ) : (
          <LayoutPicker
            candidates={found?.candidates ?? noCandidates}
            value={choices.layout ?? ''}
            none={hasOwn ? ownFile : null}
            onChange={(layout) => onChange({ layout, parts: undefined })}
          />
        )}
      </Panel>
    </>
  );
}
