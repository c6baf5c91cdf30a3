import type { ReactNode } from 'react';
import { CircleHelp, CircleX, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import { cx, Icon, VisuallyHidden } from '../../design/index.ts';
import { kindLooks, type EntryKind } from './entries.ts';
import css from './entry-mark.module.css';

const icons: Readonly<Record<EntryKind, LucideIcon>> = {
  error: CircleX,
  warning: TriangleAlert,
  info: Info,
  unknown: CircleHelp,
};

/** How bad something is, as an icon and a word; `bare` leaves the word to those who hear the page. */
export function EntryMark({ kind, bare = false }: { kind: EntryKind; bare?: boolean }): ReactNode {
  const { word, tone } = kindLooks[kind];
  return (
    <span className={cx(css.mark, css[tone])} title={bare ? word : undefined}>
      <Icon icon={icons[kind]} size={14} />
      {bare ? <VisuallyHidden>{word}</VisuallyHidden> : word}
    </span>
  );
}
