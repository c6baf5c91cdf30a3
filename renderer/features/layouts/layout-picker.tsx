import { useState, type ReactNode } from 'react';
import { CircleCheck, CircleMinus } from 'lucide-react';
import type { Layout, LayoutCandidate } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import {
  ErrorState,
  Icon,
  RadioCards,
  roleColor,
  roleNames,
  Skeleton,
  Swatch,
  Tag,
  TextField,
  type RadioCard,
} from '../../design/index.ts';
import { backupWords, cleanupWords, scoreWords } from './rule-words.ts';
import css from './layout-picker.module.css';

/** Id of a layout, or `none`: roles are guessed from names and contents. */
export type LayoutPick = string;

const guessing = {
  label: 'No layout',
  words:
    'Roles are guessed from names and contents of folders, and shown as guesses. Everything is backed up, nothing is cleaned up.',
};
/** A fit below this says nothing. */
const leastShown = 0.1;
const noLayouts: readonly Layout[] = [];

/**
 * The layouts there are, those that fit a folder first with what speaks for and against them, beside what the chosen one
 * says.
 */
export function LayoutPicker({
  candidates,
  value,
  onChange,
  none = guessing,
}: {
  /** What was detected in the folder, best first. */
  candidates: readonly LayoutCandidate[];
  value: LayoutPick;
  onChange: (layout: LayoutPick) => void;
  /** What going without one means; `null` when it is no choice. */
  none?: { readonly label: string; readonly words: string } | null;
}): ReactNode {
  const list = useCall('layouts.list', {});
  const [search, setSearch] = useState('');
  const layouts = list.data?.layouts ?? noLayouts;
  if (list.isError) return <ErrorState error={errorData(list.error)} onRetry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton what="Asking for the layouts" shape="rows" lines={6} />;
  const chosen = layouts.find(({ id }) => id === value);
  return (
    <div className={css.picker}>
      <div className={css.left}>
        <TextField label="Find a layout" value={search} onChange={setSearch} placeholder="stock, ollama, vectors …" />
        <div className={css.list}>
          <RadioCards<LayoutPick>
            label="Layout"
            value={value}
            cards={cardsOf(layouts, candidates, search, none, value)}
            onChange={onChange}
          />
        </div>
      </div>
      <section className={css.right} aria-label="What the layout says" tabIndex={0}>
        {chosen === undefined ? (
          <p className={css.quiet}>{value === 'none' ? none?.words : 'Choose a layout to see what it says.'}</p>
        ) : (
          <LayoutDetail layout={chosen} candidate={candidates.find(({ id }) => id === chosen.id)} />
        )}
      </section>
    </div>
  );
}

function cardsOf(
  layouts: readonly Layout[],
  candidates: readonly LayoutCandidate[],
  search: string,
  none: typeof guessing | null,
  value: LayoutPick,
): RadioCard<LayoutPick>[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = new Map(candidates.map(({ id }, index) => [id, index]));
  const fits = ({ id, title, summary, group }: Layout): boolean => {
    const text = `${id} ${title} ${summary} ${group}`.toLowerCase();
    // What is chosen stays in sight, whatever is looked for.
    return id === value || words.every((word) => text.includes(word));
  };
  const sorted = layouts
    .filter(fits)
    .map((layout, index) => ({ layout, at: rank.get(layout.id) ?? candidates.length + index }))
    .toSorted((a, b) => a.at - b.at);
  return [
    ...sorted.map(({ layout }): RadioCard<LayoutPick> => {
      const candidate = candidates.find(({ id }) => id === layout.id);
      return {
        value: layout.id,
        label: layout.title,
        children: layout.summary,
        ...(candidate === undefined || candidate.score < leastShown
          ? {}
          : {
              aside: (
                <Tag tone={candidate.convincing ? 'ok' : 'quiet'}>
                  {candidate.convincing ? `Detected, ${scoreWords(candidate.score)}` : scoreWords(candidate.score)}
                </Tag>
              ),
            }),
      };
    }),
    ...(none === null ? [] : [{ value: 'none', label: none.label }]),
  ];
}

/** What a layout says of a folder, and why it may be the one. */
function LayoutDetail({ layout, candidate }: { layout: Layout; candidate: LayoutCandidate | undefined }): ReactNode {
  const { areas, services } = layout;
  return (
    <>
      {candidate === undefined ? null : <Reasons candidate={candidate} />}
      <h3 className={css.head}>{areas.length === 0 ? 'It makes no folder' : formatQuantity(areas.length, 'area')}</h3>
      {areas.length === 0 ? (
        <p className={css.quiet}>
          Its data lives in {services.map(({ name }) => name).join(', ') || 'another place'}, not in a folder.
        </p>
      ) : (
        <ul className={css.areas}>
          {areas.map((area) => (
            <li key={area.id} className={css.area}>
              <Swatch color={roleColor(area.role)} />
              <code className={css.path}>{area.path === '' ? 'The folder itself' : displayName(area.path)}</code>
              <span className={css.role}>{roleNames[area.role]}</span>
              <span className={css.rules}>
                Backup {backupWords(area.backup).toLowerCase()} · cleanup {cleanupWords(area.cleanup).toLowerCase()}
                {area.required ? ' · required' : ''}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Reasons({ candidate: { speaksFor, speaksAgainst } }: { candidate: LayoutCandidate }): ReactNode {
  return (
    <>
      <h3 className={css.head}>Why it may be this one</h3>
      <ul className={css.reasons}>
        {speaksFor.map((reason) => (
          <li key={reason}>
            <span className={css.for} role="img" aria-label="For it:">
              <Icon icon={CircleCheck} size={14} />
            </span>
            {displayName(reason)}
          </li>
        ))}
        {speaksAgainst.map((reason) => (
          <li key={reason}>
            <span className={css.against} role="img" aria-label="Against it:">
              <Icon icon={CircleMinus} size={14} />
            </span>
            {displayName(reason)}
          </li>
        ))}
      </ul>
    </>
  );
}
