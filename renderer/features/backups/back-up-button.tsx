import type { ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { ActionButton, actionItems, useActionContext } from '../../app/actions/index.ts';
import { Button, Menu } from '../../design/index.ts';

/** Opens the backup window: of the one store, or asks which. Nothing without stores. */
export function BackUpButton({ stores }: { stores: readonly Store[] }): ReactNode {
  const context = useActionContext();
  const [only] = stores;
  if (only === undefined) return null;
  if (stores.length === 1) {
    return (
      <ActionButton action="backup.now" store={only} variant="primary">
        Back up now
      </ActionButton>
    );
  }
  return (
    <Menu
      label="Back up which store"
      trigger={<Button variant="primary">Back up now</Button>}
      items={stores.flatMap((store) =>
        actionItems(['backup.now'], { ...context, store }).map((item) =>
          'separator' in item
            ? item
            : { ...item, id: `${item.id}:${store.id}`, label: store.name, shortcut: undefined },
        ),
      )}
    />
  );
}
