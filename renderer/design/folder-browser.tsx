import { useState, type ReactNode } from 'react';
import { CornerLeftUp, Folder, FolderLock } from 'lucide-react';
import { displayName } from '../../shared/path-text.ts';
import { errorData } from '../data/errors.ts';
import { useCall } from '../data/query.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Switch } from './fields.tsx';
import { Icon } from './icon.tsx';
import { EmptyState, ErrorState, Skeleton } from './states.tsx';
import css from './folder-browser.module.css';

export interface FolderBrowserProps {
  title: string;
  /** Folder to begin in; the user's home when absent. */
  start: string | undefined;
  onClose: () => void;
  onChoose: (path: string) => void;
}

/** The folders of the engine's machine, to choose one from a browser. */
export function FolderBrowser({ title, start, onClose, onChoose }: FolderBrowserProps): ReactNode {
  const [path, setPath] = useState(start);
  const [hidden, setHidden] = useState(false);
  const listing = useCall(
    'system.browse',
    { ...(path === undefined ? {} : { path }), hidden },
    { keepPrevious: true, fresh: true },
  );
  const here = listing.isError ? undefined : listing.data;
  const parent = here?.parent;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footerStart={<Switch label="Hidden folders" checked={hidden} onChange={setHidden} />}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabledReason={here === undefined ? 'Open a folder first' : undefined}
            onClick={() => {
              if (here !== undefined) onChoose(here.path);
            }}
          >
            Choose this folder
          </Button>
        </>
      }
    >
      <p className={css.path} aria-live="polite">
        {here === undefined ? (path ?? '') : displayName(here.path)}
      </p>
      <div className={css.list}>
        {parent === undefined ? null : (
          <button type="button" className={css.folder} onClick={() => setPath(parent)}>
            <Icon icon={CornerLeftUp} />
            Folder above
          </button>
        )}
        {listing.isError ? (
          <ErrorState
            error={errorData(listing.error)}
            action={
              <Button size="small" onClick={() => setPath(undefined)}>
                Go to the home folder
              </Button>
            }
          />
        ) : here === undefined ? (
          <Skeleton what="Reading the folder" lines={6} shape="rows" />
        ) : here.folders.length === 0 ? (
          <EmptyState title="No folders in here">This folder itself can be chosen.</EmptyState>
        ) : (
          <ul>
            {here.folders.map((folder) => (
              <li key={folder.path}>
                <button
                  type="button"
                  className={css.folder}
                  disabled={!folder.readable}
                  onClick={() => setPath(folder.path)}
                >
                  <Icon icon={folder.readable ? Folder : FolderLock} />
                  {displayName(folder.name)}
                  {folder.readable ? null : <span className={css.locked}>cannot be read</span>}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}
