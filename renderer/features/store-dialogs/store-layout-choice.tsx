import { useState, type ReactNode } from 'react';
import type { StoreProbe } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { useCall } from '../../data/index.ts';
import { Button, Dialog, Disclosure, roleColor, roleNames, Swatch, Tag } from '../../design/index.ts';
import { LayoutPicker, scoreWords, type LayoutPick } from '../layouts/index.ts';
import css from './add-store-dialog.module.css';

/** The layout detected in a folder with what speaks for it, to be confirmed or changed; and what seems to be in it. */
export function StoreLayoutChoice({
  probe,
  value,
  onChange,
}: {
  probe: StoreProbe;
  /** Undefined: what was detected. */
  value: LayoutPick | undefined;
  onChange: (layout: LayoutPick | undefined) => void;
}): ReactNode {
  const [choosing, setChoosing] = useState(false);
  const layouts = useCall('layouts.list', {}).data?.layouts;
  const detected = probe.layout ?? 'none';
  const id = value ?? detected;
  const candidate = probe.candidates.find((each) => each.id === id);
  const title =
    id === 'none' ? 'No layout' : (candidate?.title ?? layouts?.find((each) => each.id === id)?.title ?? id);
  return (
    <section className={css.layout} aria-label="Layout">
      <div className={css.layoutHead}>
        <div className={css.layoutTitle}>
          <span className={css.fact}>Layout</span>
          <b>{title}</b>
          {candidate === undefined ? null : (
            <Tag tone={candidate.convincing ? 'ok' : 'quiet'}>{scoreWords(candidate.score)}</Tag>
          )}
          {value === undefined ? null : <Tag tone="info">your choice</Tag>}
        </div>
        <Button size="small" onClick={() => setChoosing(true)}>
          Change…
        </Button>
      </div>
      <p className={css.fact}>{words(probe, id)}</p>
      <InIt probe={probe} />
      {choosing ? (
        <PickDialog
          probe={probe}
          value={id}
          onClose={() => setChoosing(false)}
          onPick={(next) => {
            setChoosing(false);
            onChange(next === detected ? undefined : next);
          }}
        />
      ) : null}
    </section>
  );
}

function words({ candidates }: StoreProbe, id: LayoutPick): string {
  const candidate = candidates.find((each) => each.id === id);
  if (candidate !== undefined) {
    const { speaksFor, speaksAgainst } = candidate;
    const against = speaksAgainst.length === 0 ? '' : `; against it: ${speaksAgainst.slice(0, 2).join(', ')}`;
    return displayName(`${speaksFor.slice(0, 4).join(', ')}${against}`);
  }
  if (id !== 'none') return 'Chosen by you: nothing in the folder points to it.';
  const [best] = candidates;
  return best === undefined
    ? 'Nothing in the folder points to a layout. Roles are guessed from names and contents.'
    : `Roles are guessed from names and contents. Nearest is ${best.title}, ${scoreWords(best.score)}.`;
}

function InIt({ probe: { areas } }: { probe: StoreProbe }): ReactNode {
  const known = areas.filter(({ role, path }) => role !== 'other' && path !== '');
  const others = areas.filter(({ path }) => path !== '').length - known.length;
  if (known.length === 0) {
    return <p className={css.fact}>No folder in it says what it is for; everything counts as other files.</p>;
  }
  return (
    <Disclosure title={`${formatQuantity(known.length, 'folder')} recognised in it`}>
      <ul className={css.areas} tabIndex={0} aria-label="Recognised folders">
        {known.map((area) => (
          <li key={area.id} className={css.area}>
            <Swatch color={roleColor(area.role)} />
            <span className={css.areaPath}>{displayName(area.path)}</span>
            <span className={css.areaRole}>
              {roleNames[area.role]}
              {area.guess === true ? ', guessed' : ''}
            </span>
          </li>
        ))}
      </ul>
      {others > 0 ? <p className={css.fact}>and {formatQuantity(others, 'other folder')}</p> : null}
    </Disclosure>
  );
}

function PickDialog({
  probe,
  value,
  onClose,
  onPick,
}: {
  probe: StoreProbe;
  value: LayoutPick;
  onClose: () => void;
  onPick: (layout: LayoutPick) => void;
}): ReactNode {
  const [pick, setPick] = useState(value);
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title="Layout of this folder"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" onClick={() => onPick(pick)}>
            Use this layout
          </Button>
        </>
      }
    >
      <LayoutPicker candidates={probe.candidates} value={pick} onChange={setPick} />
    </Dialog>
  );
}
