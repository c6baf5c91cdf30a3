import type { ReactNode } from 'react';
import type { HeldArchive, Output } from '../../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { errorData, useAction } from '../../data/index.ts';
import { Button, Disclosure, Note, splitFile, useToast } from '../../design/index.ts';
import { heldWords } from '../../features/backups/index.ts';
import { PathList } from '../../features/jobs/index.ts';
import { UnlockButton } from '../../features/secrets/index.ts';
import css from './places.module.css';

type Problem = Output<'backups.list'>['problems'][number];

/** Problems shown one by one, each with its fix; the others as a list. */
const shownOneByOne = 5;

/** What lies in the destinations and is not a whole backup, with what can be done about it. */
export function Problems({
  problems,
  onLookAgain,
}: {
  problems: readonly Problem[];
  onLookAgain: () => void;
}): ReactNode {
  const locked = problems.filter(({ fix }) => fix === 'unlock');
  return (
    <>
      <Locked problems={locked.filter(({ needs }) => needs !== 'identity')} needs="passphrase" />
      <Locked problems={locked.filter(({ needs }) => needs === 'identity')} needs="identity" />
      <OutOfReach problems={problems.filter(({ fix }) => fix === 'reach')} onLookAgain={onLookAgain} />
      <NotWhole problems={problems.filter(({ fix }) => fix !== 'unlock' && fix !== 'reach')} />
    </>
  );
}

/** Encrypted backups that no key here opens: one key may open all of them. */
function Locked({ problems, needs }: { problems: readonly Problem[]; needs: 'passphrase' | 'identity' }): ReactNode {
  const [first] = problems;
  if (first === undefined) return null;
  const many = problems.length > 1;
  return (
    <Note
      tone="warn"
      title={`${formatQuantity(problems.length, 'encrypted file')} cannot be opened without ${many ? 'their' : 'its'} key`}
      action={<UnlockButton file={first.path} needs={needs} />}
    >
      {many ? (
        <>
          <p className={css.quiet}>
            {needs === 'passphrase'
              ? 'They are encrypted with a passphrase that is not known here. It opens all that were made with it.'
              : 'They are encrypted for public keys. The identity of one of their recipients opens them.'}
          </p>
          <PathList
            label="Encrypted files"
            lines={problems.map(({ path }) => {
              const { folder, name } = splitFile(path);
              return { path: name, reason: displayName(folder) };
            })}
          />
        </>
      ) : (
        <p className={css.quiet}>{first.message}</p>
      )}
    </Note>
  );
}

/** Backup folders that are gone, with their disk perhaps, or cannot be read. */
function OutOfReach({ problems, onLookAgain }: { problems: readonly Problem[]; onLookAgain: () => void }): ReactNode {
  if (problems.length === 0) return null;
  return (
    <Note
      tone="warn"
      title={problems.length === 1 ? 'A backup folder cannot be reached' : 'Some backup folders cannot be reached'}
      action={
        <Button size="small" onClick={onLookAgain}>
          Look again
        </Button>
      }
    >
      <ul className={css.problems}>
        {problems.map(({ path, message }) => (
          <li key={path}>
            <span className={css.words}>
              <code>{displayName(path)}</code> {message}
            </span>
          </li>
        ))}
      </ul>
      <p className={css.quiet}>If it lies on another disk, connect that first.</p>
    </Note>
  );
}

function NotWhole({ problems }: { problems: readonly Problem[] }): ReactNode {
  if (problems.length === 0) return null;
  const fixable = problems.filter(({ fix }) => fix !== undefined);
  const others = problems.filter(({ fix }) => fix === undefined);
  const single = [...fixable.slice(0, shownOneByOne), ...(others.length <= shownOneByOne ? others : [])];
  const listed = [...fixable.slice(shownOneByOne), ...(others.length <= shownOneByOne ? [] : others)];
  return (
    <Note
      tone="warn"
      title={`${formatQuantity(problems.length, 'thing')} in the backup folders ${problems.length === 1 ? 'is' : 'are'} not a whole backup`}
    >
      <ul className={css.problems}>
        {single.map((problem) => (
          <li key={problem.path}>
            <span className={css.words}>
              <code>{displayName(problem.path)}</code> {problem.message}
            </span>
            <Fix problem={problem} />
          </li>
        ))}
      </ul>
      {listed.length === 0 ? null : (
        <PathList
          label="More that is not a whole backup"
          lines={listed.map(({ path, message }) => ({ path, reason: message }))}
        />
      )}
    </Note>
  );
}

function Fix({ problem }: { problem: Problem }): ReactNode {
  const rebuild = useAction('backups.rebuild');
  const toast = useToast();
  if (problem.fix !== 'rebuild') return null;
  return (
    <Button
      size="small"
      busy={rebuild.isPending}
      onClick={() =>
        rebuild.mutate(
          { archive: problem.path },
          {
            onError: (error) => {
              const { message, hint } = errorData(error);
              toast({ tone: 'bad', title: message, text: hint });
            },
          },
        )
      }
    >
      Rebuild
    </Button>
  );
}

/** Archives whose own backups were removed and that later ones still draw on. */
export function Held({ held }: { held: readonly HeldArchive[] }): ReactNode {
  if (held.length === 0) return null;
  const bytes = held.reduce((sum, each) => sum + each.bytes, 0);
  return (
    <Disclosure
      title={`${formatQuantity(held.length, 'archive')} of removed backups, ${formatBytes(bytes)}, held for later ones`}
    >
      <p className={css.quiet}>They go by themselves as soon as no backup draws on them.</p>
      <PathList
        label="Held archives"
        lines={held.map(({ archive, bytes: size, neededBy }) => ({
          path: archive,
          reason: `${formatBytes(size)}, ${heldWords(neededBy.length)}`,
        }))}
      />
    </Disclosure>
  );
}
