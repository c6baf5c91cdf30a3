import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { displayName } from '../../../shared/path-text.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { cx } from '../../design/index.ts';
import { Coded } from './coded.tsx';
import { EntryMark } from './entry-mark.tsx';
import type { Entry, FileEntries, ProjectEntries } from './entries.ts';
import css from './entry-list.module.css';

/** Everything that was found, by project and file. The arrow keys choose. */
export function EntryList({
  projects,
  chosen,
  file,
  onChoose,
  onOpen,
}: {
  projects: readonly ProjectEntries[];
  chosen: string | undefined;
  /** The file that is shown. */
  file: string | undefined;
  onChoose: (entry: Entry) => void;
  onOpen: (file: string) => void;
}): ReactNode {
  return (
    <div role="group" aria-label="Findings" onKeyDown={moveByKey}>
      {projects.map(({ project, files }, index) => (
        <section key={index} aria-label={`Project ${project.name}`}>
          <header className={css.project}>
            <h2 className={css.name}>{project.name}</h2>
            <span className={css.folder} title={displayName(project.folder)}>
              {displayName(project.folder)} · {formatQuantity(project.services.length, 'service')}
            </span>
          </header>
          {files.map((each) => (
            <File
              key={each.file}
              of={each}
              chosen={chosen}
              shown={each.file === file && chosen === undefined}
              onChoose={onChoose}
              onOpen={onOpen}
            />
          ))}
        </section>
      ))}
    </div>
  );
}

function File({
  of: { file, name, entries },
  chosen,
  shown,
  onChoose,
  onOpen,
}: {
  of: FileEntries;
  chosen: string | undefined;
  shown: boolean;
  onChoose: (entry: Entry) => void;
  onOpen: (file: string) => void;
}): ReactNode {
  return (
    <>
      <button
        type="button"
        data-entry=""
        className={cx(css.file, shown && css.on)}
        aria-current={shown || undefined}
        onClick={() => onOpen(file)}
      >
        <code>{displayName(name)}</code>
        <span className={css.clean}>{entries.length === 0 ? 'no mistakes found' : null}</span>
      </button>
      {entries.length === 0 ? null : (
        <ul>
          {entries.map((entry) => (
            <li key={entry.key}>
              <Line entry={entry} on={entry.key === chosen} onChoose={() => onChoose(entry)} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Line({ entry, on, onChoose }: { entry: Entry; on: boolean; onChoose: () => void }): ReactNode {
  const { of, kind } = entry;
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (on) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  return (
    <button
      ref={ref}
      type="button"
      data-entry=""
      // One stop for the Tab key; the arrow keys do the rest.
      tabIndex={on ? 0 : -1}
      aria-current={on || undefined}
      className={cx(css.line, on && css.on)}
      onClick={onChoose}
      onFocus={onChoose}
    >
      <span className={css.head}>
        <EntryMark kind={kind} />
        <span className={css.who}>{of.service}</span>
        <span className={css.at}>line {of.line}</span>
      </span>
      <span className={css.message}>
        <Coded text={of.message} />
      </span>
    </button>
  );
}

function moveByKey(event: KeyboardEvent<HTMLElement>): void {
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-entry]')];
  const at = stops.findIndex((stop) => stop === document.activeElement);
  if (at < 0) return;
  const target = { ArrowDown: stops[at + 1], ArrowUp: stops[at - 1], Home: stops[0], End: stops.at(-1) }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
