import type { SetupPart, SetupStep } from '../../../shared/contract/index.ts';
import { displayName } from '../../../shared/path-text.ts';

export const partNames: Readonly<Record<SetupPart, string>> = {
  folders: 'Folders',
  'larder.yaml': 'larder.yaml',
  environment: 'persistent.env',
  compose: 'Compose snippet',
  gitignore: '.gitignore',
  readme: 'README.md',
};

/** What a step does, in a word or two. */
export const kindWords: Readonly<Record<SetupStep['kind'], string>> = {
  'make-directory': 'Make folder',
  'set-mode': 'Permission',
  'set-owner': 'Owner',
  'write-file': 'Write file',
  'append-lines': 'Add lines',
  move: 'Move in',
};

export const stateLooks = {
  todo: { tone: 'info', word: 'to do' },
  already: { tone: 'ok', word: 'already' },
  cannot: { tone: 'warn', word: 'cannot' },
} as const satisfies Record<SetupStep['state'], { tone: string; word: string }>;

export type StepFilter = 'all' | SetupStep['state'];

export interface StepGroup {
  readonly part: SetupStep['part'];
  readonly title: string;
  readonly steps: readonly SetupStep[];
}

/** Steps by part, in the order they come. */
export function groupSteps(steps: readonly SetupStep[], filter: StepFilter): readonly StepGroup[] {
  const groups = new Map<SetupStep['part'], SetupStep[]>();
  for (const step of steps) {
    if (filter !== 'all' && step.state !== filter) continue;
    groups.set(step.part, [...(groups.get(step.part) ?? []), step]);
  }
  return [...groups].map(([part, of]) => ({
    part,
    title: part === 'move' ? 'Data moved in' : part === 'folders' ? 'Folders, permission and owner' : partNames[part],
    steps: of,
  }));
}

/** A path below the folder that is set up without that folder's own. */
export function placeIn(root: string, path: string): string {
  if (path === root) return 'The folder itself';
  return displayName(path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
}
