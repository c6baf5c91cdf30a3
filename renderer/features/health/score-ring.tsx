import type { ReactNode } from 'react';
import { cx, useVars } from '../../design/index.ts';
import css from './score-ring.module.css';

/** A score of 0 to 100 as a figure within a ring that is filled as far. */
export function ScoreRing({ score, ok }: { score: number; ok: boolean }): ReactNode {
  const ref = useVars<HTMLDivElement>({ '--score': String(score / 100) });
  return (
    <div ref={ref} className={cx(css.ring, !ok && css.bad)} role="img" aria-label={`Score ${score} of 100`}>
      <span className={css.figure}>{score}</span>
      <span className={css.of}>of 100</span>
    </div>
  );
}
