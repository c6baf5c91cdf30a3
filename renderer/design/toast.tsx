import type { ReactNode } from 'react';
import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, TriangleAlert, X, type LucideIcon } from 'lucide-react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';
import css from './toast.module.css';

export type ToastTone = 'ok' | 'warn' | 'bad' | 'info';

export interface ToastMessage {
  tone: ToastTone;
  title: string;
  text?: string | undefined;
  /** The next step. */
  action?: { label: string; run: () => void } | undefined;
}

const icons: Record<ToastTone, LucideIcon> = { ok: CircleCheck, warn: TriangleAlert, bad: CircleAlert, info: Info };

/** Gives the page a corner for short messages; {@link useToast} fills it. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  return (
    <Toast.Provider limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={css.viewport}>
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function toneOf(type: string | undefined): ToastTone {
  return type === 'ok' || type === 'warn' || type === 'bad' ? type : 'info';
}

function Toasts(): ReactNode {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => {
    const tone = toneOf(toast.type);
    return (
      <Toast.Root key={toast.id} toast={toast} className={css.toast} swipeDirection={['right']}>
        <Toast.Content className={css.content}>
          <Icon icon={icons[tone]} className={cx(css.icon, css[tone])} />
          <div className={css.words}>
            <Toast.Title className={css.title} />
            <Toast.Description className={css.text} />
            <Toast.Action className={css.action} />
          </div>
          <Toast.Close className={css.close} aria-label="Dismiss">
            <Icon icon={X} size={14} />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    );
  });
}

/** Shows a short message in the corner. Bad news stays until it is put away. */
export function useToast(): (message: ToastMessage) => void {
  const { add, close } = Toast.useToastManager();
  return ({ tone, title, text, action }) => {
    const id = add({
      type: tone,
      title,
      description: text,
      // High priority would be said from an element hidden from assistive technology that can still be focused.
      priority: 'low',
      // What can be done about it must be reached in time.
      timeout: tone === 'bad' ? 0 : tone === 'warn' || action !== undefined ? 12_000 : 6_000,
      ...(action === undefined
        ? {}
        : {
            actionProps: {
              children: action.label,
              onClick: () => {
                close(id);
                action.run();
              },
            },
          }),
    });
  };
}
