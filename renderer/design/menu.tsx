import type { ReactElement, ReactNode } from 'react';
import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import css from './menu.module.css';

export interface MenuEntry {
  id: string;
  label: string;
  /** Quieter words under or beside the label. */
  detail?: string | undefined;
  icon?: LucideIcon | undefined;
  shortcut?: string | undefined;
  disabled?: boolean;
  danger?: boolean;
  /** Shown with a mark, for a choice. */
  checked?: boolean | undefined;
  run: () => void;
}

export type MenuItem = MenuEntry | { separator: string };

/** A button that opens a list of things to do. `trigger` is the button's element. */
export function Menu({
  trigger,
  items,
  align = 'end',
  label,
}: {
  trigger: ReactElement;
  items: readonly MenuItem[];
  align?: 'start' | 'end';
  label?: string;
}): ReactNode {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className={css.positioner}>
          <Base.Popup className={css.popup} aria-label={label}>
            {items.map((item) =>
              'separator' in item ? (
                <Base.Separator key={item.separator} className={css.separator} />
              ) : (
                <Entry key={item.id} item={item} />
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ item }: { item: MenuEntry }): ReactNode {
  const content = (
    <>
      {item.icon === undefined ? null : <Icon icon={item.icon} />}
      <span className={css.words}>
        <span className={css.label}>{item.label}</span>
        {item.detail === undefined ? null : <span className={css.detail}>{item.detail}</span>}
      </span>
      {item.shortcut === undefined ? null : <kbd className={css.keys}>{item.shortcut}</kbd>}
    </>
  );
  const className = cx(css.item, item.danger === true && css.danger, item.checked === true && css.checked);
  if (item.checked !== undefined) {
    return (
      <Base.CheckboxItem
        className={className}
        checked={item.checked}
        closeOnClick
        disabled={item.disabled === true}
        onCheckedChange={() => item.run()}
      >
        {content}
      </Base.CheckboxItem>
    );
  }
  return (
    <Base.Item className={className} disabled={item.disabled === true} onClick={() => item.run()}>
      {content}
    </Base.Item>
  );
}
