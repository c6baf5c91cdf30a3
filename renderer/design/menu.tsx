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
            <Items items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Where a {@link MenuAt} opens: at an element, or at a point of the page. */
export type MenuPlace = HTMLElement | { x: number; y: number };

/** A list of things to do that opens at a row or at the pointer. `at` undefined: it is closed. */
export function MenuAt({
  at,
  items,
  label,
  onClose,
  returnFocus,
}: {
  at: MenuPlace | undefined;
  items: readonly MenuItem[];
  label: string;
  onClose: () => void;
  /** What has the keyboard again afterwards. */
  returnFocus: () => HTMLElement | null;
}): ReactNode {
  return (
    <Base.Root
      open={at !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Base.Portal>
        <Base.Positioner
          anchor={at === undefined ? null : anchorAt(at)}
          side="bottom"
          align={at instanceof HTMLElement ? 'end' : 'start'}
          sideOffset={4}
          className={css.positioner}
        >
          <Base.Popup className={css.popup} aria-label={label} finalFocus={returnFocus}>
            <Items items={items} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function anchorAt(at: MenuPlace): HTMLElement | { getBoundingClientRect: () => DOMRect } {
  return at instanceof HTMLElement ? at : { getBoundingClientRect: () => new DOMRect(at.x, at.y, 0, 0) };
}

function Items({ items }: { items: readonly MenuItem[] }): ReactNode {
  return items.map((item) =>
    'separator' in item ? (
      <Base.Separator key={item.separator} className={css.separator} />
    ) : (
      <Entry key={item.id} item={item} />
    ),
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
