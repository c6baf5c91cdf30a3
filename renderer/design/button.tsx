import type { ComponentPropsWithRef, ReactNode } from 'react';
import type { LucideIcon } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon, Spinner } from './icon.tsx';
import { Tooltip } from './tooltip.tsx';
import css from './button.module.css';

export type ButtonVariant = 'primary' | 'plain' | 'quiet' | 'danger';

interface Look {
  /** `primary` is for the one main action on a page; `danger` for what takes something away. */
  variant?: ButtonVariant | undefined;
  size?: 'small' | 'medium' | undefined;
  icon?: LucideIcon | undefined;
}

export interface ButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'type'>, Look {
  type?: 'button' | 'submit';
  /** The action runs: the button says so and cannot be pressed again. */
  busy?: boolean;
  /** Why it cannot be pressed now. It stays focusable, so that the reason can be read. */
  disabledReason?: string | undefined;
  children: ReactNode;
}

export function Button({
  variant = 'plain',
  size = 'medium',
  icon,
  busy = false,
  disabledReason,
  type = 'button',
  children,
  className,
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  const blocked = busy || disabledReason !== undefined;
  return (
    // Also without a reason, so that the button stays the same element, and keeps the focus, when the reason goes.
    <Tooltip text={disabledReason}>
      <button
        {...rest}
        type={type}
        className={cx(css.button, css[variant], css[size], className)}
        aria-disabled={blocked || undefined}
        aria-busy={busy || undefined}
        onClick={(event) => {
          if (blocked) event.preventDefault();
          else onClick?.(event);
        }}
      >
        {busy ? <Spinner /> : icon === undefined ? null : <Icon icon={icon} />}
        <span className={css.label}>{children}</span>
      </button>
    </Tooltip>
  );
}

export interface ButtonLinkProps extends ComponentPropsWithRef<'a'>, Look {
  href: string;
  children: ReactNode;
}

/** A link that looks like a button: it goes somewhere and does nothing else. */
export function ButtonLink({
  variant = 'plain',
  size = 'medium',
  icon,
  children,
  className,
  ...rest
}: ButtonLinkProps): ReactNode {
  return (
    <a {...rest} className={cx(css.button, css[variant], css[size], className)}>
      {icon === undefined ? null : <Icon icon={icon} />}
      <span className={css.label}>{children}</span>
    </a>
  );
}

export interface IconButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'type' | 'aria-label'> {
  icon: LucideIcon;
  /** Its accessible name, also shown as a tooltip. */
  label: string;
  /** Keys that do the same, shown in the tooltip. */
  shortcut?: string | undefined;
  size?: 'small' | 'medium';
  badge?: ReactNode;
}

export function IconButton({
  icon,
  label,
  shortcut,
  size = 'medium',
  badge,
  className,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Tooltip text={shortcut === undefined ? label : `${label} (${shortcut})`}>
      <button
        {...rest}
        type="button"
        aria-label={label}
        className={cx(css.icon, size === 'small' && css.iconSmall, className)}
      >
        <Icon icon={icon} />
        {badge === undefined || badge === null ? null : <span className={css.badge}>{badge}</span>}
      </button>
    </Tooltip>
  );
}
