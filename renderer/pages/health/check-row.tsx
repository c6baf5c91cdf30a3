import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { BellOff, ChevronRight } from 'lucide-react';
import type { HealthCheck, Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { Button, CommandLine, cx, Icon } from '../../design/index.ts';
import { NextStep, placeWords, StatusMark } from '../../features/health/index.ts';
import css from './check-row.module.css';

/** One line of the checklist; it opens to why it matters, which paths, and the command. */
export function CheckRow({
  store,
  check,
  wanted,
  onFix,
  onMute,
}: {
  store: Store;
  check: HealthCheck;
  /** The page was opened for it. */
  wanted: boolean;
  onFix: (check: string) => void;
  onMute: () => void;
}): ReactNode {
  const [open, setOpen] = useState(wanted);
  const id = useId();
  const lineRef = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!wanted) return;
    lineRef.current?.scrollIntoView({ block: 'center' });
    lineRef.current?.focus({ preventScroll: true });
  }, [wanted]);
  const { status, title, area, evidence } = check;
  return (
    <li className={cx(css.item, open && css.opened)}>
      <div className={css.head}>
        <button
          ref={lineRef}
          type="button"
          data-check-line=""
          className={css.line}
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => setOpen(!open)}
        >
          <Icon icon={ChevronRight} size={14} className={cx(css.twist, open && css.turned)} />
          <StatusMark status={status} />
          <span className={css.words}>
            <span className={cx(css.title, status !== 'pass' && css.strong)}>
              {title}
              {area === undefined ? null : <code className={css.area}>{area}</code>}
            </span>
            <span className={css.evidence}>{evidence}</span>
          </span>
        </button>
        <span className={css.step}>
          <NextStep store={store} check={check} onFix={onFix} />
        </span>
      </div>
      {open ? (
        <div id={id} className={css.details}>
          <p>
            <b>Why it matters.</b> {check.why}
          </p>
          {check.fix === undefined ? null : <p className={css.quiet}>Larder can mend it: {check.fix.title}.</p>}
          <Paths check={check} />
          {check.command === undefined ? null : <CommandLine command={check.command} label={`Command for: ${title}`} />}
          {status === 'pass' ? null : (
            <div>
              <Button size="small" icon={BellOff} onClick={onMute}>
                Mute…
              </Button>
            </div>
          )}
        </div>
      ) : null}
    </li>
  );
}

function Paths({ check: { paths, title } }: { check: HealthCheck }): ReactNode {
  if (paths === undefined || paths.first.length === 0) return null;
  return (
    <div className={css.paths}>
      <ul aria-label={`Paths of: ${title}`}>
        {paths.first.map((path, index) => (
          <li key={index}>
            <code>{placeWords(path)}</code>
          </li>
        ))}
      </ul>
      {paths.more === 0 ? null : <p className={css.quiet}>and {formatQuantity(paths.more, 'more', 'more')}</p>}
    </div>
  );
}
