import { useId, useState, type ReactNode } from 'react';
import { ChevronRight } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import css from './disclosure.module.css';

/** A quiet line that opens to something not everyone needs. */
export function Disclosure({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div>
      <button
        type="button"
        className={css.button}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon icon={ChevronRight} size={14} className={cx(css.twist, open && css.open)} />
        {title}
      </button>
      {open ? (
        <div id={id} className={css.content}>
          {children}
        </div>
      ) : null}
    </div>
  );
}
