import { useEffect, useRef, type ReactNode } from 'react';
import { CircleCheck } from 'lucide-react';
import type { ComposeFinding } from '../../../shared/contract/index.ts';
import { Button, CommandLine, EmptyState, Tag } from '../../design/index.ts';
import { Coded } from './coded.tsx';
import { CopyButton } from './copy-button.tsx';
import { DiffView } from './diff-view.tsx';
import { EntryMark } from './entry-mark.tsx';
import type { Entry } from './entries.ts';
import css from './entry-detail.module.css';

/** Why something loses data, the mended lines, and the buttons that mend it. */
export function EntryDetail({
  entry,
  none,
  onApply,
}: {
  entry: Entry | undefined;
  /** Nothing was found at all. */
  none: boolean;
  onApply: (finding: ComposeFinding) => void;
}): ReactNode {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    ref.current?.scrollTo(0, 0);
  }, [entry?.key]);
  if (entry === undefined) {
    return (
      <section className={css.pane} aria-label="Finding" tabIndex={0}>
        {none ? (
          <EmptyState icon={CircleCheck} title="No mistakes found">
            Every folder and volume that holds data is kept when the services are deployed again.
          </EmptyState>
        ) : (
          <EmptyState title="No finding is chosen">Choose one at the left, or press F8.</EmptyState>
        )}
      </section>
    );
  }
  const { kind, of } = entry;
  return (
    // It scrolls, so the keyboard must reach it.
    <section ref={ref} className={css.pane} aria-label="Finding" tabIndex={0}>
      <header className={css.head}>
        <EntryMark kind={kind} />
        {of.service === undefined ? null : <b>{of.service}</b>}
        <span className={css.quiet}>
          line {of.line}
          {entry.kind === 'unknown' ? '' : `, ${entry.of.rule}`}
        </span>
      </header>
      <h2 className={css.message}>
        <Coded text={of.message} />
      </h2>
      <p>
        <Coded text={of.why} />
      </p>
      {entry.kind === 'unknown' ? null : <Mend finding={entry.of} onApply={() => onApply(entry.of)} />}
    </section>
  );
}

function Mend({ finding: { fix, command }, onApply }: { finding: ComposeFinding; onApply: () => void }): ReactNode {
  return (
    <>
      {fix === undefined ? null : (
        <>
          <div className={css.fix}>
            <h3>
              <Coded text={fix.title} />
            </h3>
            {fix.safe ? null : <Tag tone="warn">needs you</Tag>}
            <span className={css.actions}>
              <CopyButton label="Copy patch" words="Copy patch" text={fix.patch} />
              <Button size="small" onClick={onApply}>
                Apply…
              </Button>
            </span>
          </div>
          {fix.note === undefined ? null : (
            <p className={css.quiet}>
              <Coded text={fix.note} />
            </p>
          )}
          <DiffView patch={fix.patch} label="Mended lines" />
        </>
      )}
      {command === undefined ? null : <CommandLine command={command} label="Command that mends it" />}
      {fix === undefined && command === undefined ? (
        <p className={css.quiet}>There is no change of a file that would surely mend it.</p>
      ) : null}
    </>
  );
}
