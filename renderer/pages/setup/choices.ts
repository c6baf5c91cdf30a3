import { setupParts, type Input, type SetupPart } from '../../../shared/contract/index.ts';
import { larderCommand } from '../../design/index.ts';

/** What a person has said so far. */
export interface Choices {
  /** A folder that exists. */
  readonly folder: string;
  /** Name of a folder to be made in it; `''`: the folder itself is meant. */
  readonly newFolder: string;
  /** Id of a layout; `none`: what its larder.yaml says; undefined: not chosen yet. */
  readonly layout: string | undefined;
  /** `''`: as the layout says. */
  readonly owner: string;
  /** Undefined: those that suit the layout. */
  readonly parts: readonly SetupPart[] | undefined;
  /** Folder the code lies in; `''`: the one the data folder lies in. */
  readonly code: string;
  readonly register: boolean;
  readonly storeName: string;
}

export const noChoices: Choices = {
  folder: '',
  newFolder: '',
  layout: undefined,
  owner: '',
  parts: undefined,
  code: '',
  register: true,
  storeName: '',
};

/** The folder that is set up; `''` while none is chosen. */
export function pathOf({ folder, newFolder }: Choices): string {
  const name = newFolder.trim().replace(/^[/\\]+|[/\\]+$/g, '');
  if (folder === '' || name === '') return folder;
  const slash = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.replace(/[/\\]$/, '') + slash + name;
}

/** What is wrong with the name of a new folder. */
export function nameProblem(name: string): string | undefined {
  const parts = name
    .trim()
    .split(/[/\\]/)
    .filter((part) => part !== '');
  return parts.some((part) => part === '..' || part === '.') ? 'It takes the name of a folder.' : undefined;
}

export function ownerProblem(owner: string): string | undefined {
  return owner === '' || /^\d{1,10}:\d{1,10}$/.test(owner)
    ? undefined
    : 'User and group in numbers, for example 1001:1001.';
}

type SetupInput = Input<'setup.plan'>;

export function setupInput(choices: Choices, more: Pick<SetupInput, 'move' | 'leave'> = {}): SetupInput {
  const { layout, owner, parts, code } = choices;
  return {
    path: pathOf(choices),
    ...(layout === undefined || layout === 'none' ? {} : { layout }),
    ...(owner === '' ? {} : { owner }),
    ...(parts === undefined ? {} : { parts: setupParts.filter((part) => parts.includes(part)) }),
    ...(code === '' ? {} : { code }),
    ...more,
  };
}

/** The line that does the same. */
export function setupCommand(choices: Choices): string {
  const { layout, owner, parts, code, register, storeName } = choices;
  return larderCommand(
    'setup',
    pathOf(choices),
    ...(layout === undefined || layout === 'none' ? [] : ['--layout', layout]),
    ...(owner === '' ? [] : ['--owner', owner]),
    ...(parts?.flatMap((part) => ['--part', part]) ?? []),
    ...(code === '' ? [] : ['--code', code]),
    ...(register ? ['--add', ...(storeName.trim() === '' ? [] : [storeName.trim()])] : []),
  );
}
