import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Search, SearchX, X } from 'lucide-react';
import type { Backup } from '../../../shared/contract/index.ts';
import { formatCount, formatQuantity } from '../../../shared/format.ts';
import { Checkbox, EmptyState, ErrorState, Icon, IconButton, Skeleton, useDebounced } from '../../design/index.ts';
import { EntryGrid } from './entry-grid.tsx';
import { PreviewPane } from './preview-pane.tsx';
import { choiceOf, choose, parentPath, settle, type Selection } from './selection.ts';
import { flatTree, wholeListing, type TreeRow } from './tree-rows.ts';
import { mostFound, useBackupTree, useFound } from './use-listings.ts';
import gridCss from './entry-grid.module.css';
import css from './what-pane.module.css';

export interface WhatPaneProps {
  backup: Backup;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  /** Nothing can be ticked, because a restore runs. */
  locked: boolean;
  /** A path to begin at. */
  shown: string | undefined;
}

/** The folders above a path, without the whole. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = parentPath(path); folder !== undefined && folder !== ''; folder = parentPath(folder)) {
    folders.push(folder);
  }
  return folders;
}

/** The tree of a backup, to choose from. */
export function WhatPane({ backup, selection, onSelect, locked, shown }: WhatPaneProps): ReactNode {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(
    () => new Set(shown === undefined ? [] : foldersAbove(shown)),
  );
  const [active, setActive] = useState(shown);
  const [previewed, setPreviewed] = useState<{ backup: string; path: string }>();
  const [query, setQuery] = useState('');
  const [onlyChanged, setOnlyChanged] = useState(false);
  const settled = useDebounced(query.trim());
  // An emptied search is left at once.
  const search = query.trim() === '' ? '' : settled;
  const showing = useRef(false);
  const paneRef = useRef<HTMLElement>(null);
  const { tree, listings, want, retry, compareError } = useBackupTree(backup.id, expanded, onlyChanged);

  const onChoose = (path: string, chosen: boolean): void => {
    if (locked) return;
    onSelect(settle(choose(selection, path, chosen), path, (folder) => wholeListing(listings.get(folder))));
  };
  const onActive = (row: TreeRow): void => {
    const entry = row.kind === 'entry' ? row.entry : undefined;
    setActive(entry?.path);
    setPreviewed(entry?.type === 'file' ? { backup: backup.id, path: entry.path } : undefined);
  };
  const onExpand = useCallback((path: string, open: boolean): void => {
    setExpanded((before) => {
      const after = new Set(before);
      if (open) after.add(path);
      else after.delete(path);
      return after;
    });
  }, []);
  const showInTree = (path: string): void => {
    setExpanded((before) => new Set([...before, ...foldersAbove(path)]));
    setQuery('');
    setActive(path);
    showing.current = true;
  };
  // The grid the keyboard was in is gone; the one that comes instead takes over.
  const showsTree = search === '';
  useEffect(() => {
    if (!showing.current || !showsTree) return;
    showing.current = false;
    paneRef.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  }, [showsTree]);
  // The backup itself cannot be opened; a folder further down that cannot be read says so in its place.
  const unreadable = listings.get('')?.error;
  const whole = choiceOf(selection, '');
  const common = { selection, active, onActive, onChoose, onExpand, onWant: want, onRetry: retry };

  return (
    <section ref={paneRef} className={css.pane} aria-labelledby="restore-what">
      <header className={css.head}>
        <h2 id="restore-what">What</h2>
        {search === '' ? (
          <span className={css.filter}>
            <Checkbox label="Changed only" checked={onlyChanged} onChange={setOnlyChanged} />
          </span>
        ) : null}
        <SearchBox query={query} onQuery={setQuery} />
      </header>
      <div className={gridCss.head}>
        <span className={gridCss.headName}>
          <Checkbox
            label="Everything in this backup"
            labelHidden
            checked={whole === 'all' ? true : whole === 'some' ? 'mixed' : false}
            disabled={locked}
            onChange={() => onChoose('', whole !== 'all')}
          />
          <span aria-hidden="true">Name</span>
        </span>
        <span aria-hidden="true" className={gridCss.size}>
          Size
        </span>
        <span aria-hidden="true" className={gridCss.changed}>
          Changed
        </span>
        <span aria-hidden="true" className={gridCss.live} title={compareError?.message}>
          {compareError === undefined ? 'Against now' : 'Cannot compare'}
        </span>
      </div>
      {unreadable !== undefined ? (
        <div className={css.state}>
          <ErrorState error={unreadable} onRetry={() => retry('')} />
        </div>
      ) : search === '' ? (
        <EntryGrid
          label="Files in the backup"
          tree={tree}
          {...common}
          emptyWords={onlyChanged ? 'Everything here is as in the store' : 'This folder is empty'}
        />
      ) : (
        <Found backup={backup.id} search={search} {...common} onShow={showInTree} />
      )}
      {previewed?.backup !== backup.id ? null : (
        <PreviewPane backup={backup.id} path={previewed.path} onClose={() => setPreviewed(undefined)} />
      )}
    </section>
  );
}

function SearchBox({ query, onQuery }: { query: string; onQuery: (query: string) => void }): ReactNode {
  return (
    <div className={css.search}>
      <Icon icon={Search} size={14} className={css.searchIcon} />
      <input
        type="search"
        aria-label="Find in this backup"
        placeholder="Find in this backup"
        className={css.input}
        value={query}
        spellCheck={false}
        autoComplete="off"
        maxLength={500}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || query === '') return;
          event.preventDefault();
          onQuery('');
        }}
      />
      {query === '' ? null : <IconButton icon={X} size="small" label="Clear the search" onClick={() => onQuery('')} />}
    </div>
  );
}

type FoundProps = Omit<Parameters<typeof EntryGrid>[0], 'tree' | 'label' | 'wholePaths' | 'onEnter'> & {
  backup: string;
  search: string;
  onShow: (path: string) => void;
};

function Found({ backup, search, onShow, ...grid }: FoundProps): ReactNode {
  const { page, error, retry } = useFound(backup, search);
  if (error !== undefined) {
    return (
      <div className={css.state}>
        <ErrorState error={error} onRetry={retry} />
      </div>
    );
  }
  if (page === undefined) return <Skeleton what="Searching the backup" shape="rows" lines={5} />;
  if (page.total === 0) {
    return <EmptyState icon={SearchX} title="Nothing in this backup has that in its name or path" />;
  }
  const tree = flatTree(page.entries);
  return (
    <>
      <p className={css.found} role="status">
        {page.total > mostFound
          ? `The first ${formatCount(mostFound)} of ${formatCount(page.total)} found. Type more to narrow it down.`
          : `${formatQuantity(page.total, 'entry', 'entries')} found`}
        <span className={css.hint}> · Enter shows one in its folder</span>
      </p>
      <EntryGrid
        label="Found in the backup"
        tree={tree}
        {...grid}
        wholePaths
        onEnter={(row) => {
          if (row.kind === 'entry') onShow(row.entry.path);
        }}
      />
    </>
  );
}
