import type { ReactElement, ReactNode } from 'react';
import type { Store } from '../../../shared/contract/index.ts';
import { Button, Menu, type ButtonVariant, type MenuItem } from '../../design/index.ts';
import { isMac, useActionContext } from './action-provider.tsx';
import { findAction } from './actions.ts';
import { shortcutText } from './shortcuts.ts';
import type { ActionContext } from './types.ts';

export interface ActionButtonProps {
  /** An {@link Action}'s id. */
  action: string;
  store?: Store | undefined;
  variant?: ButtonVariant;
  size?: 'small' | 'medium';
  withIcon?: boolean;
  /** Other words than the action's own name. */
  children?: ReactNode;
}

/** A button that is an action: its name, icon and whether it can be done come from there. */
export function ActionButton({
  action: id,
  store,
  variant,
  size,
  withIcon = false,
  children,
}: ActionButtonProps): ReactNode {
  const context = useActionContext(store);
  const action = findAction(id);
  const availability = action?.available(context) ?? false;
  if (action === undefined || availability === false) return null;
  return (
    <Button
      variant={variant}
      size={size}
      icon={withIcon ? action.icon : undefined}
      disabledReason={availability === true ? undefined : availability.because}
      onClick={() => action.run(context)}
    >
      {children ?? action.name}
    </Button>
  );
}

/** Menu lines for the actions that are available; `-` draws a line. */
export function actionItems(ids: readonly string[], context: ActionContext): MenuItem[] {
  return ids.flatMap((id, index): MenuItem[] => {
    if (id === '-') return [{ separator: `line-${index}` }];
    const action = findAction(id);
    const availability = action?.available(context) ?? false;
    if (action === undefined || availability === false) return [];
    return [
      {
        id,
        label: action.name,
        detail: availability === true ? undefined : availability.because,
        icon: action.icon,
        shortcut: action.shortcut === undefined ? undefined : shortcutText(action.shortcut, isMac),
        disabled: availability !== true,
        danger: action.danger === true,
        run: () => action.run(context),
      },
    ];
  });
}

/** A menu of actions about one store or none. */
export function ActionMenu({
  ids,
  store,
  trigger,
  label,
}: {
  ids: readonly string[];
  store?: Store;
  trigger: ReactElement;
  label: string;
}): ReactNode {
  const context = useActionContext(store);
  return <Menu trigger={trigger} items={actionItems(ids, context)} label={label} />;
}
