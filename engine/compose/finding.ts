import type { ComposeRule, ComposeSeverity } from '../../shared/contract/index.ts';
import type { Edit } from './edit.ts';
import type { Spot } from './tree.ts';

/** How a finding is mended: edits of one or more files, and what else has to be done. */
export interface Mend {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** Nothing but the edit is needed, so it may be made without asking for more. */
  readonly safe: boolean;
  /** What to do before or after. */
  readonly note?: string;
}

/** What a rule found, before it is told to anybody. */
export interface Finding {
  readonly rule: ComposeRule;
  readonly severity: ComposeSeverity;
  readonly spot: Spot;
  readonly service?: string;
  /** The path, volume, variable or file it is about; with rule and service it names the finding. */
  readonly subject: string;
  readonly message: string;
  readonly why: string;
  readonly mend?: Mend;
  /** A shell command that mends it where an edit cannot. */
  readonly command?: string;
}

/** Something that could not be told, and why: never to be taken for "fine". */
export interface CannotTell {
  readonly spot: Spot;
  readonly service?: string;
  readonly subject: string;
  readonly message: string;
  readonly why: string;
}

/** What rules report to. */
export interface Report {
  finding(finding: Finding): void;
  cannotTell(entry: CannotTell): void;
}
