import type { ReactNode } from 'react';
import css from './logo.module.css';

/** The jar. */
export function Logo(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" className={css.logo} aria-hidden="true">
      <path d="M6 8h12v11a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2z" />
      <path d="M7 8V5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v3M6 13h12" />
    </svg>
  );
}
