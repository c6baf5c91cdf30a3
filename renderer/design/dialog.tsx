import { useRef, type ReactNode } from 'react';
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ErrorData } from '../../shared/contract/index.ts';
import { Button } from './button.tsx';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import { ErrorState } from './states.tsx';
import css from './dialog.module.css';

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  size?: 'small' | 'medium' | 'large';
  /** Buttons at the bottom right, the main one last. */
  footer?: ReactNode;
  /** Stands at the bottom left, for example a command line. */
  footerStart?: ReactNode;
  children: ReactNode;
}

/** A window over the page for one task. Escape and a click beside it close it. `data-autofocus` marks its first stop. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  size = 'medium',
  footer,
  footerStart,
  children,
}: DialogProps): ReactNode {
  const popupRef = useRef<HTMLDivElement>(null);
  return (
    <Base.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Base.Portal>
        <Base.Backdrop className={css.backdrop} />
        <Base.Popup
          className={cx(css.popup, css[size])}
          ref={popupRef}
          initialFocus={() => firstFocus(popupRef.current)}
        >
          <header className={css.head}>
            <Base.Title className={css.title}>{title}</Base.Title>
            <Base.Close className={css.close} aria-label="Close">
              <Icon icon={X} />
            </Base.Close>
          </header>
          {description === undefined ? null : (
            <Base.Description className={css.description}>{description}</Base.Description>
          )}
          <div className={css.body} data-dialog-body>
            {children}
          </div>
          {footer === undefined && footerStart === undefined ? null : (
            <footer className={css.foot}>
              <div className={css.footStart}>{footerStart}</div>
              {footer}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Where the keyboard begins: what is marked `data-autofocus`, else the first field, else the first button of the body. */
function firstFocus(popup: HTMLElement | null): HTMLElement | boolean {
  for (const selector of [
    '[data-autofocus]',
    'input:not([readonly]):not([aria-hidden])',
    '[data-dialog-body] button',
  ]) {
    const found = popup?.querySelector<HTMLElement>(selector);
    if (found !== null && found !== undefined) return found;
  }
  return true;
}

export interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, with numbers. */
  children: ReactNode;
  /** The verb: "Forget store". */
  confirmLabel: string;
  danger?: boolean;
  busy?: boolean;
  error?: ErrorData | undefined;
  onConfirm: () => void;
}

/** One question with a plain answer. It is not closed by a click beside it. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  children,
  confirmLabel,
  danger = false,
  busy = false,
  error,
  onConfirm,
}: ConfirmDialogProps): ReactNode {
  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={css.backdrop} />
        <AlertDialog.Popup className={cx(css.popup, css.small)}>
          <header className={css.head}>
            <AlertDialog.Title className={css.title}>{title}</AlertDialog.Title>
          </header>
          <AlertDialog.Description render={<div />} className={css.body}>
            {children}
          </AlertDialog.Description>
          {error === undefined ? null : (
            <div className={css.body}>
              <ErrorState error={error} compact />
            </div>
          )}
          <footer className={css.foot}>
            <div className={css.footStart} />
            <Button onClick={onClose}>Cancel</Button>
            <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
