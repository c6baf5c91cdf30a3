import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useHost } from '../data/index.ts';
import { ConfirmDialog } from '../design/index.ts';

/**
 * Asks before a page with unsaved changes is left, by whatever way: a link, a key, the palette, or back. In a browser
 * closing the tab asks, too.
 */
export function LeaveGuard({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const [, navigate] = useLocation();
  const { kind } = useHost();
  const [target, setTarget] = useState<string>();
  const leaving = useRef(false);
  useEffect(() => {
    const here = location.hash;
    const hold = (hash: string, event: Event): void => {
      event.stopImmediatePropagation();
      setTarget(hash.replace(/^#/, ''));
    };
    // Before the router hears of it, which listens at the same place. Going back tells first by `popstate`; until the
    // `hashchange` after it, anything drawn anew would look at the new address already.
    const onMove = (event: Event): void => {
      if (leaving.current || location.hash === here) return;
      const wanted = location.hash;
      history.replaceState(null, '', here);
      hold(wanted, event);
    };
    // A link is held before the address changes at all.
    const onClick = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null;
      const wanted = link?.getAttribute('href');
      if (wanted == null || wanted === here || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      hold(wanted, event);
    };
    const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('popstate', onMove, true);
    addEventListener('hashchange', onMove, true);
    addEventListener('click', onClick, true);
    // A desktop window that refuses to close without saying why would only look stuck.
    if (kind === 'browser') addEventListener('beforeunload', onUnload);
    return () => {
      removeEventListener('popstate', onMove, true);
      removeEventListener('hashchange', onMove, true);
      removeEventListener('click', onClick, true);
      removeEventListener('beforeunload', onUnload);
    };
  }, [kind]);
  if (target === undefined) return null;
  return (
    <ConfirmDialog
      open
      title={title}
      confirmLabel="Leave without saving"
      danger
      onClose={() => setTarget(undefined)}
      onConfirm={() => {
        leaving.current = true;
        navigate(target);
      }}
    >
      {children}
    </ConfirmDialog>
  );
}
