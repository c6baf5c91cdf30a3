import type { ReactNode } from 'react';
import { actions, isMac, shortcutText } from '../../app/actions/index.ts';
import { Dialog } from '../../design/index.ts';
import css from './shortcuts-dialog.module.css';

/** The keys there are; drawn from the actions themselves. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <Dialog open onClose={onClose} title="Keyboard shortcuts" size="small">
      <dl className={css.list}>
        {actions.map((action) =>
          action.shortcut === undefined ? null : (
            <div key={action.id} className={css.line}>
              <dt>{action.name.replace(/…$/, '')}</dt>
              <dd>
                <kbd className={css.keys}>{shortcutText(action.shortcut, isMac)}</kbd>
              </dd>
            </div>
          ),
        )}
      </dl>
    </Dialog>
  );
}
