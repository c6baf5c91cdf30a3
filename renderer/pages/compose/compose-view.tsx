import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { FileSearch, RefreshCw, Wrench } from 'lucide-react';
import type { ComposeCheck, Output } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { PageHeader } from '../../app/frame/index.ts';
import { errorData, useAction, useCall, useConnection } from '../../data/index.ts';
import {
  Button,
  CommandLine,
  EmptyState,
  ErrorState,
  larderCommand,
  Note,
  Skeleton,
  splitFile,
} from '../../design/index.ts';
import { countsWords, entriesOf, stepped, type Entry } from './entries.ts';
import { EntryDetail } from './entry-detail.tsx';
import { EntryList } from './entry-list.tsx';
import { PlanDialog } from './plan-dialog.tsx';
import { SourceView } from './source-view.tsx';
import { checkCommand, checkInput, type Subject } from './subject.ts';
import css from './compose-view.module.css';

type Wanted = 'safe' | { readonly finding: string };

/** The findings at the left, the lines they stand in at the right, and what to do about the chosen one below. */
export function ComposeView({
  subject,
  picker,
  chooseFiles,
}: {
  subject: Subject;
  picker: ReactNode;
  chooseFiles: ReactNode;
}): ReactNode {
  const check = useCall('compose.check', checkInput(subject), { fresh: true });
  const queries = useQueryClient();
  const offline = useConnection() !== 'connected';
  const [wanted, setWanted] = useState<Wanted>();
  const [applied, setApplied] = useState<Output<'compose.applyFix'>>();
  const lookAgain = (): void => {
    for (const name of ['compose.check', 'compose.source']) void queries.invalidateQueries({ queryKey: [name] });
  };
  const counts = check.data?.counts;
  return (
    <div className={css.page}>
      <PageHeader title="Compose files" detail={picker}>
        {chooseFiles}
        <Button
          icon={RefreshCw}
          busy={check.isFetching}
          disabledReason={offline ? 'Larder cannot be reached right now' : undefined}
          onClick={lookAgain}
        >
          Check again
        </Button>
        {check.data === undefined || !canMend(check.data) ? null : (
          <Button variant="primary" icon={Wrench} onClick={() => setWanted('safe')}>
            Mend what is safe…
          </Button>
        )}
      </PageHeader>
      {applied === undefined ? null : (
        <Applied
          applied={applied}
          onUndone={() => {
            setApplied(undefined);
            lookAgain();
          }}
          onPutAway={() => setApplied(undefined)}
        />
      )}
      <p className={css.summary} role="status">
        {check.data === undefined || counts === undefined || check.data.projects.length === 0 ? null : (
          <>
            <b>{countsWords(counts) ?? 'No mistakes found'}</b> in {checkedWords(check.data)}
          </>
        )}
      </p>
      {check.isError ? (
        <ErrorState error={errorData(check.error)} onRetry={() => void check.refetch()} />
      ) : check.data === undefined ? (
        <div className={css.panes}>
          <div className={css.left}>
            <Skeleton what="Reading compose files" shape="rows" lines={8} />
          </div>
          <div className={css.right}>
            <Skeleton what="Waiting for a file" shape="rows" lines={10} />
          </div>
        </div>
      ) : check.data.projects.length === 0 ? (
        <div className={css.none}>
          <EmptyState icon={FileSearch} title="No compose file found" action={chooseFiles}>
            {subject.kind === 'store'
              ? `Larder looked in ${subject.store.name} and in the folders above it, up to the Git checkout it belongs to.`
              : 'There is no compose file in this folder.'}
          </EmptyState>
        </div>
      ) : (
        <Panes subject={subject} check={check.data} onApply={(finding) => setWanted({ finding })} />
      )}
      <CommandLine command={checkCommand(subject)} />
      {wanted === undefined ? null : (
        <PlanDialog
          subject={subject}
          findings={wanted === 'safe' ? 'safe' : [wanted.finding]}
          onClose={() => setWanted(undefined)}
          onApplied={(outcome) => {
            setApplied(outcome);
            lookAgain();
          }}
        />
      )}
    </div>
  );
}

function canMend({ projects }: ComposeCheck): boolean {
  return projects.some(({ findings }) => findings.some(({ fix }) => fix?.safe === true));
}

function checkedWords({ projects }: ComposeCheck): string {
  const services = projects.reduce((sum, { services: each }) => sum + each.length, 0);
  return `${formatQuantity(services, 'service')} of ${formatQuantity(projects.length, 'project')}`;
}

function Panes({
  subject,
  check,
  onApply,
}: {
  subject: Subject;
  check: ComposeCheck;
  onApply: (finding: string) => void;
}): ReactNode {
  const projects = entriesOf(check);
  const all = projects.flatMap(({ files }) => files.flatMap(({ entries }) => entries));
  /** The chosen one, and where it stood: what is mended goes, and the next takes its place. */
  const [last, setLast] = useState<{ key: string; at: number }>();
  /** A file that was opened as a whole. */
  const [opened, setOpened] = useState<string>();
  const chosen = opened !== undefined ? undefined : chosenOf(all, last);
  const files = projects.flatMap((project) => project.files);
  const file = opened ?? chosen?.of.file ?? files[0]?.file;
  const choose = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    setOpened(undefined);
    setLast({ key: entry.key, at: all.indexOf(entry) });
  };
  const step = (by: 1 | -1): void => choose(stepped(all, chosen?.key, by));
  useStepKeys(step);
  return (
    <div className={css.panes}>
      <div className={css.left}>
        <EntryList
          projects={projects}
          chosen={chosen?.key}
          file={file}
          onChoose={choose}
          onOpen={(next) => setOpened(next)}
        />
      </div>
      <div className={css.right}>
        {file === undefined ? null : (
          <SourceView
            subject={subject}
            file={file}
            name={files.find((each) => each.file === file)?.name ?? file}
            entries={all.filter(({ of }) => of.file === file)}
            chosen={chosen}
            place={{ at: chosen === undefined ? -1 : all.indexOf(chosen), of: all.length }}
            onChoose={choose}
            onStep={step}
          />
        )}
        <EntryDetail entry={chosen} none={all.length === 0} onApply={(finding) => onApply(finding.id)} />
      </div>
    </div>
  );
}

/** At first, the first mistake. */
function chosenOf(all: readonly Entry[], last: { key: string; at: number } | undefined): Entry | undefined {
  if (last === undefined) return all.find(({ kind }) => kind === 'error') ?? all[0];
  return all.find(({ key }) => key === last.key) ?? all[Math.min(last.at, all.length - 1)];
}

/** F8 and Shift+F8 go from finding to finding, wherever on the page the keyboard is. */
function useStepKeys(step: (by: 1 | -1) => void): void {
  const latest = useRef(step);
  useEffect(() => {
    latest.current = step;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'F8' || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest('[role="dialog"]') !== null) return;
      event.preventDefault();
      latest.current(event.shiftKey ? -1 : 1);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

/** What was just mended, with the way back. */
function Applied({
  applied,
  onUndone,
  onPutAway,
}: {
  applied: Output<'compose.applyFix'>;
  onUndone: () => void;
  onPutAway: () => void;
}): ReactNode {
  const undo = useAction('compose.undoFix');
  return (
    <>
      <Note
        tone="ok"
        title={`${formatQuantity(applied.files.length, 'file')} changed`}
        action={
          <>
            <Button
              size="small"
              busy={undo.isPending}
              onClick={() => undo.mutate({ undo: applied.undo }, { onSuccess: onUndone })}
            >
              Undo
            </Button>
            <Button size="small" variant="quiet" onClick={onPutAway}>
              Put away
            </Button>
          </>
        }
      >
        {applied.files.map(({ file }) => displayName(splitFile(file).name)).join(', ')}. Later, too:{' '}
        <code>{larderCommand('compose', 'undo', applied.undo)}</code>
      </Note>
      {undo.isError ? <ErrorState compact error={errorData(undo.error)} /> : null}
    </>
  );
}
