import { useId, type ReactNode } from 'react';
import { CircleAlert, type LucideIcon } from 'lucide-react';
import type { ErrorData } from '../../shared/contract/index.ts';
import { Button } from './button.tsx';
import { useErrorRemedy } from './error-remedy.ts';
import { cx } from './cx.ts';
import { Icon, VisuallyHidden } from './icon.tsx';
import css from './states.module.css';

/** What a place says when there is nothing in it yet, and the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className={css.empty}>
      {icon === undefined ? null : <Icon icon={icon} size={28} className={css.emptyIcon} />}
      <p className={css.emptyTitle}>{title}</p>
      {children === undefined ? null : <div className={css.emptyText}>{children}</div>}
      {action === undefined ? null : <div className={css.emptyAction}>{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  error: ErrorData;
  /** Offered as "Try again". */
  onRetry?: (() => void) | undefined;
  action?: ReactNode;
  /** `inline` for a line inside a form or panel. */
  compact?: boolean;
}

/** What went wrong, to which path, and what can be done. */
export function ErrorState({ error, onRetry, action, compact = false }: ErrorStateProps): ReactNode {
  const remedy = useErrorRemedy(error);
  return (
    <div role="alert" className={cx(css.error, compact && css.compact)}>
      <Icon icon={CircleAlert} className={css.errorIcon} />
      <div className={css.errorText}>
        <p className={css.errorMessage}>{error.message}</p>
        {error.hint === undefined ? null : <p className={css.errorHint}>{error.hint}</p>}
        {onRetry === undefined && action === undefined && remedy === null ? null : (
          <div className={css.errorActions}>
            {onRetry === undefined ? null : (
              <Button size="small" onClick={onRetry}>
                Try again
              </Button>
            )}
            {action}
            {remedy}
          </div>
        )}
      </div>
    </div>
  );
}

/** A remark in colour: something to know before going on. */
export function Note({
  tone = 'info',
  title,
  children,
  action,
}: {
  tone?: 'info' | 'warn' | 'bad' | 'ok';
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div role="note" aria-labelledby={title === undefined ? undefined : id} className={cx(css.note, css[tone])}>
      <div className={css.noteText}>
        {title === undefined ? null : (
          <p id={id} className={css.noteTitle}>
            {title}
          </p>
        )}
        {children}
      </div>
      {action}
    </div>
  );
}

/** The place of something that is on its way, in about its shape. `what` is said to those who hear the page. */
export function Skeleton({
  what,
  lines = 3,
  shape = 'lines',
}: {
  what: string;
  lines?: number;
  shape?: 'lines' | 'rows' | 'block';
}): ReactNode {
  return (
    <div role="status" className={cx(css.skeleton, shape === 'rows' && css.skeletonRows)}>
      <VisuallyHidden>{what}</VisuallyHidden>
      {Array.from({ length: shape === 'block' ? 1 : lines }, (_, index) => (
        <span key={index} className={cx(css.bone, shape === 'block' && css.boneBlock)} />
      ))}
    </div>
  );
}
