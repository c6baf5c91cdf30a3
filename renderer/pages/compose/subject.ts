import type { Input, Store } from '../../../shared/contract/index.ts';
import { larderCommand } from '../../design/command-text.ts';

/** What is checked: what lies beside a store, or a file or folder that was chosen. */
export type Subject =
  | { readonly kind: 'store'; readonly store: Pick<Store, 'id' | 'name'> }
  | { readonly kind: 'path'; readonly path: string };

export function checkInput(subject: Subject): Input<'compose.check'> {
  return subject.kind === 'store' ? { store: subject.store.id } : { files: [subject.path] };
}

export function sourceInput(subject: Subject, file: string): Input<'compose.source'> {
  return subject.kind === 'store' ? { file, store: subject.store.id } : { file };
}

/** The line that checks the same. */
export function checkCommand(subject: Subject, ...more: readonly string[]): string {
  const what = subject.kind === 'store' ? ['--store', subject.store.name] : [subject.path];
  return larderCommand('compose', 'check', ...what, ...more);
}
