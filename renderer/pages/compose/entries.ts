import type {
  ComposeCheck,
  ComposeCounts,
  ComposeFinding,
  ComposeProject,
  ComposeSeverity,
  ComposeUnknown,
} from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import type { Tone } from '../../design/index.ts';

/** Something a file says, or of which it cannot be told whether it is right. */
export type Entry =
  | { readonly key: string; readonly kind: ComposeSeverity; readonly of: ComposeFinding }
  | { readonly key: string; readonly kind: 'unknown'; readonly of: ComposeUnknown };

export type EntryKind = Entry['kind'];

export const kindLooks: Readonly<Record<EntryKind, { word: string; tone: Tone }>> = {
  error: { word: 'Error', tone: 'bad' },
  warning: { word: 'Warning', tone: 'warn' },
  info: { word: 'Note', tone: 'info' },
  unknown: { word: 'Cannot tell', tone: 'quiet' },
};

export interface FileEntries {
  readonly file: string;
  /** As a person reads it within the project's folder. */
  readonly name: string;
  readonly entries: readonly Entry[];
}

export interface ProjectEntries {
  readonly project: ComposeProject;
  readonly files: readonly FileEntries[];
}

/** Findings and what cannot be told, by project and file in the order they are read, each by line. */
export function entriesOf({ projects }: ComposeCheck): readonly ProjectEntries[] {
  return projects.map((project, at) => {
    const entries: Entry[] = [
      ...project.findings.map((of, index): Entry => ({ key: `${at}/${of.id}/${index}`, kind: of.severity, of })),
      ...project.cannotTell.map((of, index): Entry => ({ key: `${at}/unknown/${index}`, kind: 'unknown', of })),
    ];
    const files = [...new Set([...project.files, ...entries.map(({ of }) => of.file)])];
    return {
      project,
      files: files.map((file) => ({
        file,
        name: nameIn(project.folder, file),
        entries: entries
          .filter(({ of }) => of.file === file)
          .toSorted((a, b) => a.of.line - b.of.line || a.of.column - b.of.column),
      })),
    };
  });
}

/** A path as it is shortest from a folder. */
export function nameIn(folder: string, file: string): string {
  const within = [`${folder}/`, `${folder}\\`].find((head) => file.startsWith(head));
  return within === undefined ? file : file.slice(within.length);
}

/** "2 errors, 1 warning, 1 cannot be told"; undefined when nothing is to be said. */
export function countsWords({ errors, warnings, infos, cannotTell }: ComposeCounts): string | undefined {
  const words = [
    errors === 0 ? undefined : formatQuantity(errors, 'error'),
    warnings === 0 ? undefined : formatQuantity(warnings, 'warning'),
    infos === 0 ? undefined : formatQuantity(infos, 'note'),
    cannotTell === 0 ? undefined : `${cannotTell} cannot be told`,
  ].filter((each) => each !== undefined);
  return words.length === 0 ? undefined : words.join(', ');
}

/** What stands `by` places after an entry, round and round; the first when nothing is chosen. */
export function stepped(entries: readonly Entry[], key: string | undefined, by: 1 | -1): Entry | undefined {
  const at = entries.findIndex((entry) => entry.key === key);
  if (at < 0) return entries.at(by === 1 ? 0 : -1);
  return entries[(at + by + entries.length) % entries.length];
}
