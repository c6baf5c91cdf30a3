import type { ReactNode } from 'react';
import { CircleCheck, CircleHelp, CircleX, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { HealthStatus } from '../../../shared/contract/index.ts';
import { cx, Icon } from '../../design/index.ts';
import { statusLooks } from './health-words.ts';
import css from './status-mark.module.css';

const icons: Readonly<Record<HealthStatus, LucideIcon>> = {
  pass: CircleCheck,
  warn: TriangleAlert,
  fail: CircleX,
  skip: CircleHelp,
};

/** A status as an icon and a word: neither colour nor shape alone tells it. */
export function StatusMark({ status }: { status: HealthStatus }): ReactNode {
  const { word, tone } = statusLooks[status];
  return (
    <span className={cx(css.mark, css[tone])}>
      <Icon icon={icons[status]} size={15} />
      {word}
    </span>
  );
}
