import type { ReactNode } from 'react';
import { Check, Minus } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import css from './check-mark.module.css';

/**
 * A tick box inside a row that is operated as a whole: the row has the keyboard (space ticks), a click on the box does
 * the same. For a box that stands alone use `Checkbox`.
 */
export function CheckMark({
  label,
  checked,
  onToggle,
}: {
  label: string;
  /** `mixed`: some of what is below it. */
  checked: boolean | 'mixed';
  onToggle: () => void;
}): ReactNode {
  return (
    <span
      role="checkbox"
      aria-checked={checked}
      aria-label={label}
      className={cx(css.box, checked !== false && css.on)}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      {checked === false ? null : <Icon icon={checked === 'mixed' ? Minus : Check} size={12} />}
    </span>
  );
}
