import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useCall } from '../../data/index.ts';
import { CopyButton } from './copy-button.tsx';
import { cx, ErrorState, IconButton, Skeleton, useVars, VirtualList } from '../../design/index.ts';
import { changedLines, parsePatch } from './diff-lines.ts';
import { EntryMark } from './entry-mark.tsx';
import { kindLooks, type Entry } from './entries.ts';
import { sourceInput, type Subject } from './subject.ts';
import { yamlParts } from './yaml-parts.ts';
import css from './source-view.module.css';

const rowHeight = 20;

export interface SourceViewProps {
  subject: Subject;
  file: string;
  name: string;
  /** What is said of this file. */
  entries: readonly Entry[];
  chosen: Entry | undefined;
  /** Where the chosen one stands among all of all files. */
  place: { readonly at: number; readonly of: number };
  onChoose: (entry: Entry) => void;
  onStep: (by: 1 | -1) => void;
}

/** The text of a file with the lines marked in which something was found. */
export function SourceView(props: SourceViewProps): ReactNode {
  const { subject, file, name, place, onStep } = props;
  const source = useCall('compose.source', sourceInput(subject, file), { fresh: true });
  return (
    <section className={css.pane} aria-label="Source">
      <header className={css.head}>
        <code className={css.name} title={displayName(file)}>
          {displayName(name)}
        </code>
        {place.of === 0 ? null : (
          <>
            <span className={css.place}>{place.at < 0 ? place.of : `${place.at + 1} of ${place.of}`}</span>
            <IconButton
              icon={ChevronUp}
              size="small"
              label="Finding before"
              shortcut="Shift+F8"
              onClick={() => onStep(-1)}
            />
            <IconButton icon={ChevronDown} size="small" label="Next finding" shortcut="F8" onClick={() => onStep(1)} />
          </>
        )}
        <CopyButton label="Copy path" text={file} />
      </header>
      {source.isError ? (
        <div className={css.state}>
          <ErrorState error={errorData(source.error)} onRetry={() => void source.refetch()} />
        </div>
      ) : source.data === undefined ? (
        <Skeleton what={`Reading ${displayName(name)}`} shape="rows" lines={8} />
      ) : (
        <Lines {...props} text={source.data.text} />
      )}
    </section>
  );
}

function Lines({ text, file, name, entries, chosen, onChoose }: SourceViewProps & { text: string }): ReactNode {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const boxRef = useRef<HTMLDivElement>(null);
  const setBox = useVars<HTMLDivElement>({ '--columns': String(longest) });
  const line = chosen?.of.file === file ? chosen.of.line : undefined;
  const [cursor, setCursor] = useState(-1);
  const key = `${file} ${chosen?.key ?? ''}`;
  const [shownKey, setShownKey] = useState<string>();
  if (shownKey !== key) {
    setShownKey(key);
    setCursor(line === undefined ? -1 : line - 1);
  }
  useEffect(() => {
    // In the middle, so that what stands around it is seen, too.
    const list = boxRef.current?.querySelector('[role="list"]');
    if (list === null || list === undefined) return;
    list.scrollTop = line === undefined ? 0 : Math.max(0, (line - 0.5) * rowHeight - list.clientHeight / 2);
  }, [key, line, text]);

  const byLine = Map.groupBy(entries, ({ of }) => of.line);
  const goes = changedLines(
    chosen === undefined || chosen.kind === 'unknown' || chosen.of.fix === undefined
      ? undefined
      : parsePatch(chosen.of.fix.patch).find((diff) => file.endsWith(diff.name)),
  );
  return (
    <div
      className={css.box}
      ref={(element) => {
        boxRef.current = element;
        setBox(element);
      }}
    >
      <VirtualList
        label={`Lines of ${displayName(name)}`}
        className={css.lines}
        count={lines.length}
        rowHeight={rowHeight}
        active={cursor}
        activeKey={`${key} ${cursor}`}
        onActiveChange={setCursor}
        onRowKeyDown={(event, index) => {
          const [first] = byLine.get(index + 1) ?? [];
          if (event.key === 'Enter' && first !== undefined) onChoose(first);
        }}
        rowProps={(index) => {
          const [first] = byLine.get(index + 1) ?? [];
          return {
            className: cx(
              css.row,
              first !== undefined && css[kindLooks[first.kind].tone],
              goes.has(index + 1) && css.goes,
              index + 1 === line && css.chosen,
            ),
            ...(index + 1 === line ? { 'aria-current': true as const } : {}),
            ...(first === undefined ? {} : { onClick: () => onChoose(first) }),
          };
        }}
        renderRow={(index) => (
          <SourceLine number={index + 1} text={lines[index] ?? ''} entry={byLine.get(index + 1)?.[0]} />
        )}
      />
    </div>
  );
}

function SourceLine({ number, text, entry }: { number: number; text: string; entry: Entry | undefined }): ReactNode {
  return (
    <div className={css.line}>
      <span className={css.number}>{number}</span>
      <span className={css.mark}>{entry === undefined ? null : <EntryMark kind={entry.kind} bare />}</span>
      <code className={css.text}>
        {yamlParts(text).map((part, index) => (
          <span key={index} className={css[part.kind]}>
            {part.text}
          </span>
        ))}
      </code>
    </div>
  );
}
