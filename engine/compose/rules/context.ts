import type { Editor } from '../edit.ts';
import type { Report } from '../finding.ts';
import type { Project } from '../model.ts';

/** A mount a layout expects: `path` of the store (`''` the whole) in a service's containers at `target`. */
export interface ExpectedMount {
  readonly path: string;
  readonly service: string;
  readonly target: string;
}

/** A variable a layout knows. `path` is set where it points into the store. */
export interface ExpectedVariable {
  readonly name: string;
  readonly value?: string | undefined;
  readonly path?: string | undefined;
  readonly service?: string | undefined;
}

/** The store a project is checked for. */
export interface CheckedStore {
  /** Real path of its root. */
  readonly path: string;
  /** What its layout expects; empty when it has none. */
  readonly mounts: readonly ExpectedMount[];
  readonly environment: readonly ExpectedVariable[];
}

/** A line of a script beside the project that removes volumes. */
export interface ScriptLine {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Offsets of the words that do it, in the script's text. */
  readonly start: number;
  readonly end: number;
  readonly what: 'down' | 'prune';
}

/** What rules ask of the disk. Undefined is "cannot tell". */
export interface DiskFacts {
  /** Owner and permission bits of what lies at a path; undefined when there is nothing, or owners mean nothing here. */
  owner(path: string): { readonly uid: number; readonly gid: number; readonly mode: number } | undefined;
  /** What kind of file system a path lies on, or would. */
  fileSystem(path: string): { readonly kind: 'network' | 'windows' | 'local'; readonly type: string } | undefined;
  /** The path without symbolic links, as far as it exists. */
  real(path: string): string;
  /** Scripts beside the project. */
  scripts(folder: string): readonly ScriptLine[];
}

/** What every rule is given. */
export interface Rules {
  readonly project: Project;
  readonly editor: Editor;
  readonly facts: DiskFacts;
  readonly store: CheckedStore | undefined;
  /** Real roots of all stores known; a bind mount inside one of them is where it should be. */
  readonly roots: readonly string[];
  readonly report: Report;
}
