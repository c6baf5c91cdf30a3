import { useId, type ReactNode } from 'react';
import { cx } from './cx.ts';
import css from './panel.module.css';

export interface PanelProps {
  /** Heading; with it the panel is a named region. */
  title?: ReactNode;
  /** What stands at the right of the heading. */
  actions?: ReactNode;
  /** `flush` lets a table reach the edges. */
  padding?: 'normal' | 'flush';
  tone?: 'plain' | 'sunken' | 'warn' | 'bad' | 'info';
  className?: string | undefined;
  children: ReactNode;
}

/** A white sheet on the paper ground that holds one subject. */
export function Panel({
  title,
  actions,
  padding = 'normal',
  tone = 'plain',
  className,
  children,
}: PanelProps): ReactNode {
  const id = useId();
  const named = title !== undefined;
  return (
    <section
      aria-labelledby={named ? id : undefined}
      className={cx(css.panel, css[tone], padding === 'flush' && css.flush, className)}
    >
      {named || actions !== undefined ? (
        <header className={css.head}>
          {named ? <h2 id={id}>{title}</h2> : null}
          {actions === undefined ? null : <div className={css.actions}>{actions}</div>}
        </header>
      ) : null}
      {children}
    </section>
  );
}
