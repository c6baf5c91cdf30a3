import type { ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';
import { cx } from './cx.ts';
import css from './icon.module.css';

/** A line icon beside words; it carries no meaning of its own. */
export function Icon({
  icon: Drawn,
  size = 16,
  className,
}: {
  icon: LucideIcon;
  size?: number;
  className?: string | undefined;
}): ReactNode {
  return <Drawn size={size} strokeWidth={1.8} aria-hidden="true" className={cx(css.icon, className)} />;
}

/** A turning ring for something that is under way; words beside it must say what. */
export function Spinner(): ReactNode {
  return <span className={css.spinner} aria-hidden="true" />;
}

/** Text for those who hear the page. */
export function VisuallyHidden({ children }: { children: ReactNode }): ReactNode {
  return <span className={css.hidden}>{children}</span>;
}
