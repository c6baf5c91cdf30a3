import type { ReactElement, ReactNode } from 'react';
import { Tooltip as Base } from '@base-ui/react/tooltip';
import css from './tooltip.module.css';

/**
 * A short explanation shown on hover and focus of `children`, one focusable element; nothing without `text`. Never the
 * only place of a fact.
 */
export function Tooltip({ text, children }: { text: string | undefined; children: ReactElement }): ReactNode {
  return (
    <Base.Root disabled={text === undefined}>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={css.positioner}>
          <Base.Popup className={css.popup}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
