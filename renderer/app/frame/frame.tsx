import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { VisuallyHidden } from '../../design/index.ts';
import { ConnectionBar } from './connection-bar.tsx';
import { Rail } from './rail.tsx';
import { TopBar } from './top-bar.tsx';
import css from './frame.module.css';

export interface FrameProps {
  /** Ids of the actions that stand in the rail, in order. */
  rail: readonly string[];
  children: ReactNode;
}

/** Rail, top bar and the page. */
export function Frame({ rail, children }: FrameProps): ReactNode {
  const [location] = useLocation();
  const mainRef = useRef<HTMLElement>(null);
  const first = useRef(true);
  // Going from folder to folder of one store is not a new page.
  const page = location.split('/').slice(0, 3).join('/');
  useEffect(() => {
    // A new page begins at its top, and the keyboard with it.
    if (first.current) first.current = false;
    else {
      mainRef.current?.scrollTo(0, 0);
      mainRef.current?.focus({ preventScroll: true });
    }
  }, [page]);
  return (
    <div className={css.frame}>
      <a
        className={css.skip}
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          mainRef.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <Rail actions={rail} />
      <TopBar />
      <div className={css.work}>
        <ConnectionBar />
        <main ref={mainRef} id="main" tabIndex={-1} className={css.main}>
          {children}
        </main>
      </div>
    </div>
  );
}

/** A page's heading and its buttons. */
export function PageHeader({
  title,
  children,
  detail,
}: {
  title: ReactNode;
  detail?: ReactNode;
  children?: ReactNode;
}): ReactNode {
  return (
    <header className={css.pageHeader}>
      <div className={css.pageTitle}>
        <h1>{title}</h1>
        {detail === undefined ? null : <div className={css.pageDetail}>{detail}</div>}
      </div>
      <div className={css.pageActions}>{children}</div>
    </header>
  );
}

/** A page whose content flows from top to bottom. `wide` leaves out margins, for pages that fill the window. */
export function Page({
  label,
  wide = false,
  children,
}: {
  label: string;
  wide?: boolean;
  children: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${label} · Larder`;
  }, [label]);
  return (
    <div className={wide ? css.wide : css.page}>
      <VisuallyHidden>
        <span role="status">{label}</span>
      </VisuallyHidden>
      {children}
    </div>
  );
}
