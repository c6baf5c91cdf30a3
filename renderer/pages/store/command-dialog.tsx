import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Button, CommandLine, Dialog, larderCommand, quoteArgument } from '../../design/index.ts';
import { absolutePath } from './folder-view.ts';
import css from './folder-list.module.css';

/** Lines for a terminal about one path of a store. */
export function CommandDialog({
  store,
  path,
  onClose,
}: {
  store: Store;
  path: string;
  onClose: () => void;
}): ReactNode {
  const depth = path.split('/').length;
  return (
    <Dialog open onClose={onClose} title={displayName(path)} footer={<Button onClick={onClose}>Close</Button>}>
      <div className={css.commands}>
        <p>Where the space of the store goes, down to here</p>
        <CommandLine label="Usage as a command" command={larderCommand('usage', store.id, '--depth', String(depth))} />
        <p>What the latest backup would bring back here</p>
        <CommandLine
          label="Restore as a command"
          command={larderCommand('restore', `latest:${store.id}`, '--path', path, '--dry-run')}
        />
        {store.path.startsWith('/') ? (
          <>
            <p>The same figure from the system</p>
            <CommandLine
              label="Disk usage as a command"
              command={`du -s --block-size=1 ${quoteArgument(absolutePath(store.path, path))}`}
            />
          </>
        ) : null}
      </div>
    </Dialog>
  );
}
