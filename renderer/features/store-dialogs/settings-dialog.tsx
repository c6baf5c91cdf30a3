import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { errorData, useAction, useStore, useUsage } from '../../data/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { Button, Dialog, ErrorState, Switch } from '../../design/index.ts';
import css from './add-store-dialog.module.css';

/** What belongs to a store. A switch takes effect at once. */
export function SettingsDialog({ store: asked, onClose }: { store: Store; onClose: () => void }): ReactNode {
  // As it is now: the one the dialog was opened with does not follow the switch.
  const store = useStore(asked.id) ?? asked;
  const mounts = useUsage(store.id).data?.mounts ?? [];
  const update = useAction('stores.update');
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title={`What is counted in ${store.name}`}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className={css.form}>
        <Switch
          label="Count other file systems mounted in this store"
          hint="On: what lies on disks mounted inside the store is counted and backed up with it. Off: they are shown, and left out."
          checked={store.rules.crossMounts}
          disabled={update.isPending}
          onChange={(crossMounts) => update.mutate({ store: store.id, rules: { crossMounts } })}
        />
        {mounts.length === 0 ? (
          <p className={css.fact}>No other file system is mounted in it now.</p>
        ) : (
          <ul aria-label="Mounted in it now">
            {mounts.map((path) => (
              <li key={path} className={css.fact}>
                <code>{displayName(path)}</code>
              </li>
            ))}
          </ul>
        )}
        {update.isError ? <ErrorState error={errorData(update.error)} compact /> : null}
      </div>
    </Dialog>
  );
}
