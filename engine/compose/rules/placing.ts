import { join } from 'node:path';
import type { Edit } from '../edit.ts';
import { pathFor } from '../edit.ts';
import type { Mend } from '../finding.ts';
import type { Service } from '../model.ts';
import type { Rules } from './context.ts';

/** What to mount for data that has no place yet. */
export interface Placing {
  /** The volume in short syntax. */
  readonly text: string;
  readonly title: string;
  /** The named volume, where it is one. */
  readonly volume?: string;
  readonly declare?: Edit | undefined;
  /** What the volume needs besides; undefined where it cannot be written. */
  readonly edits: readonly (Edit | undefined)[];
}

export const copyOut = 'A container that runs now holds its data elsewhere; copy it out first (`docker compose cp`).';

/** A folder of the store where there is one, else a new named volume. */
export function placeFor(rules: Rules, service: Service, target: string, called = 'data'): Placing {
  const { project, editor, store } = rules;
  const folderName = service.name.replace(/[^A-Za-z0-9_.-]/g, '_');
  if (store !== undefined) {
    const expected =
      store.mounts.find((mount) => mount.service === service.name && mount.target === target)?.path ?? folderName;
    const source = pathFor(project.folder, join(store.path, expected));
    // A colon would be taken for the end of the source.
    if (!source.slice(2).includes(':'))
      return { text: `${source}:${target}`, title: `Mount ${source} there`, edits: [] };
  }
  const used = service.mounts.some(({ source }) => source === `${folderName}_${called}`);
  const stem = used ? `${folderName}_${target.split('/').at(-1) ?? 'more'}` : `${folderName}_${called}`;
  let name = stem;
  for (let number = 2; project.volumes.has(name); number++) name = `${stem}_${number}`;
  const declare = editor.addVolume(name, project.loaded.files[0] ?? '');
  return {
    text: `${name}:${target}`,
    title: `Mount the volume ${name} there`,
    volume: name,
    declare,
    edits: [declare],
  };
}

/** A mend of these edits; none when one of them could not be made. */
export function mendOf(
  title: string,
  edits: readonly (Edit | undefined)[],
  { safe = true, note }: { safe?: boolean; note?: string } = {},
): { mend?: Mend } {
  const all = edits.filter((edit) => edit !== undefined);
  if (all.length === 0 || all.length < edits.length) return {};
  return { mend: { title, edits: all, safe, ...(note === undefined ? {} : { note }) } };
}
