import type { ReactNode } from 'react';
import { Progress } from '@base-ui/react/progress';
import { cx } from './cx.ts';
import { useVars } from './use-vars.ts';
import css from './progress.module.css';

/** How far something is. Without `total` it moves without saying how far. */
export function ProgressBar({
  label,
  done,
  total,
  slim = false,
}: {
  label: string;
  done: number;
  total?: number | undefined;
  slim?: boolean;
}): ReactNode {
  const share = total === undefined || total <= 0 ? null : Math.min(1, done / total);
  const ref = useVars<HTMLDivElement>({ '--share': String(share ?? 0.3) });
  return (
    <Progress.Root aria-label={label} value={share === null ? null : Math.floor(share * 100)} className={css.root}>
      <Progress.Track className={cx(css.track, slim && css.slim)}>
        <div ref={ref} className={cx(css.fill, share === null && css.unknown)} />
      </Progress.Track>
    </Progress.Root>
  );
}

/** A small ring that fills up; words beside it must say the same. */
export function ProgressRing({ share }: { share: number | undefined }): ReactNode {
  const ref = useVars<HTMLSpanElement>({ '--share': String(share ?? 0.25) });
  return <span ref={ref} aria-hidden="true" className={cx(css.ring, share === undefined && css.turning)} />;
}
