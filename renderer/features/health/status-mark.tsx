import type { ReactNode } from 'react';
import { CircleCheck, CircleHelp, CircleX, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { HealthStatus } from '../../../shared/contract/index.ts';
import { cx, Icon, VisuallyHidden } from '../../design/index.ts';
import { statusLooks } from './health-words.ts';
import css from './status-mark.module.css';

const icons: Readonly<Record<HealthStatus, LucideIcon>> = {
  pass: CircleCheck,
  warn: TriangleAlert,
  fail: CircleX,
  skip: CircleHelp,
};

/** A status as an icon and a word. `bare` leaves the word to those who hear the page; the shape tells it, too. */
export function StatusMark({ status, bare = false }: { status: HealthStatus; bare?: boolean }): ReactNode {
  const { word, tone } = statusLooks[status];
  return (
    <span className={cx(css.mark, css[tone])} title={bare ? word : undefined}>
      <Icon icon={icons[status]} size={15} />
      {bare ? <VisuallyHidden>{word}</VisuallyHidden> : word}
    </span>
  );
}
