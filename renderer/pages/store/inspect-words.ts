import type { Output } from '../../../shared/contract/index.ts';

type Entry = Output<'usage.entry'>;

export const kindWords: Readonly<Record<Entry['kind'], string>> = {
  dir: 'Folder',
  file: 'File',
  symlink: 'Symbolic link',
  other: 'Device, socket or pipe',
};

const letters: Readonly<Record<Entry['kind'], string>> = { dir: 'd', file: '-', symlink: 'l', other: '?' };

/** A mode as `ls -l` and `chmod` write it: `-rw-r--r-- (0644)`. */
export function modeWords(mode: number, kind: Entry['kind']): string {
  const bit = (at: number): boolean => ((mode >> at) & 1) === 1;
  const execute = (at: number, special: number, letter: string): string =>
    bit(special) ? (bit(at) ? letter : letter.toUpperCase()) : bit(at) ? 'x' : '-';
  const triple = (at: number, special: number, letter: string): string =>
    `${bit(at + 2) ? 'r' : '-'}${bit(at + 1) ? 'w' : '-'}${execute(at, special, letter)}`;
  return `${letters[kind]}${triple(6, 11, 's')}${triple(3, 10, 's')}${triple(0, 9, 't')} (${mode.toString(8).padStart(4, '0')})`;
}

/** "ada (1000), group staff (50)" */
export function ownerWords({ owner, uid, group, gid }: Pick<Entry, 'owner' | 'uid' | 'group' | 'gid'>): string {
  const words = (name: string | undefined, id: number): string => (name === undefined ? String(id) : `${name} (${id})`);
  return `${words(owner, uid)}, group ${words(group, gid)}`;
}
