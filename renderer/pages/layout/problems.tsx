import type { ReactNode } from 'react';
import type { Store, StoreLayout } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';
import { CommandLine, larderCommand, Note } from '../../design/index.ts';
import css from './problems.module.css';

/** What is wrong with a `larder.yaml`, where, and how to mend it. */
export function Problems({
  layout: { problems, file, layout },
  store,
}: {
  layout: StoreLayout;
  store: Store;
}): ReactNode {
  if (problems.length === 0) return null;
  const instead = layout === undefined ? 'guesses hold' : `the layout ${layout.title} holds`;
  return (
    <Note
      tone={file === 'broken' ? 'bad' : 'warn'}
      title={file === 'broken' ? 'larder.yaml cannot be used as it is' : 'Something about larder.yaml'}
    >
      <ul className={css.list} aria-label="What is wrong with larder.yaml">
        {problems
          .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
          .map(({ message, hint, line, column }, index) => (
            <li key={index}>
              {line === undefined ? null : (
                <code className={css.place}>
                  line {line}
                  {column === undefined ? '' : `, column ${column}`}
                </code>
              )}
              <span>
                {displayName(message)}{' '}
                {hint === undefined ? null : <span className={css.hint}>{displayName(hint)}</span>}
              </span>
            </li>
          ))}
      </ul>
      {file === 'broken' ? (
        <>
          <p className={css.hint}>
            Until it is mended, {instead}. Mend <code>{displayName(store.path)}/larder.yaml</code> in any editor; Larder
            takes it over as soon as it is saved.
          </p>
          <CommandLine command={larderCommand('layouts', 'of', store.name)} label="Command that checks it" />
        </>
      ) : null}
    </Note>
  );
}
