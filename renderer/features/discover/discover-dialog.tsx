import type { ReactNode } from 'react';
import { Button, CommandLine, Dialog, larderCommand } from '../../design/index.ts';
import { DiscoverList } from './discover-list.tsx';
import css from './discover.module.css';

/** Well-known stores of this machine, to be added in one click. */
export function DiscoverDialog({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title="Discover stores"
      description="Larder looks where well-known programs keep models, vectors and databases, by their variables and their usual places. Nothing is changed."
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className={css.body}>
        <DiscoverList onLeave={onClose} />
        <CommandLine command={larderCommand('discover')} />
      </div>
    </Dialog>
  );
}
