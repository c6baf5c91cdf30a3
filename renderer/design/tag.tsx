import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import css from './tag.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'quiet';

/** A status in a word or two. Colours are for status only; `quiet` says a kind. */
export function Tag({
  tone = 'quiet',
  title,
  children,
}: {
  tone?: Tone;
  title?: string | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <span className={cx(css.tag, css[tone])} title={title}>
      {children}
    </span>
  );
}
