import type { Role } from '../../../shared/contract/index.ts';
import { isSystemError, reasonOf } from '../../fs/index.ts';
import type { FileSystem } from '../../fs/index.ts';
import { BoundedList } from '../bounded.ts';
import type { Bounded } from '../bounded.ts';
import type { FileFormat } from '../file-names.ts';
import { withBytes } from './bytes.ts';
import { lookAt } from './look.ts';

/** A file to look into. */
export interface Candidate {
  readonly path: string;
  readonly format: FileFormat;
  readonly role: Role;
  readonly bytes: number;
  readonly mtimeMs: number;
}

export interface Trouble {
  readonly path: string;
  readonly role: Role;
  readonly reason: string;
}

/** What was found in the files of some formats. */
export interface FamilyFacts {
  /** Of a format that is known. */
  readonly looked: number;
  readonly whole: number;
  readonly damaged: Bounded<Trouble>;
  readonly unknown: Bounded<Trouble>;
}

export const families = ['models', 'arrays', 'databases'] as const;
export type Family = (typeof families)[number];

export interface IntegrityFacts {
  readonly families: Readonly<Record<Family, FamilyFacts>>;
  /** Every candidate there was has been looked into. */
  readonly complete: boolean;
  /** Files that may be half written: look again in a moment. */
  readonly unsettled: number;
}

function familyOf(format: FileFormat): Family {
  switch (format) {
    case 'sqlite':
      return 'databases';
    case 'npy':
    case 'zip':
    case 'parquet':
      return 'arrays';
    case 'safetensors':
    case 'gguf':
    case 'hdf5':
    case 'keras':
    case 'torch':
    case 'bin':
    case 'pickle':
    case 'content':
      return 'models';
  }
}

/** A file changed so lately may be half written, and says nothing yet. */
const settledMs = 2 * 60_000;
const listed = 100;

/** Looks into each file. One that vanished meanwhile is passed over. */
export function lookIntoFiles(
  fs: FileSystem,
  {
    root,
    candidates,
    nowMs,
  }: { readonly root: string; readonly candidates: readonly Candidate[]; readonly nowMs: number },
  { throwIfCancelled, onProgress }: { throwIfCancelled(): void; onProgress(done: number): void },
): Pick<IntegrityFacts, 'families' | 'unsettled'> {
  const found = {
    models: new FamilyFound(),
    arrays: new FamilyFound(),
    databases: new FamilyFound(),
  } satisfies Record<Family, FamilyFound>;
  let unsettled = 0;
  for (const [index, { path, format, role, mtimeMs }] of candidates.entries()) {
    throwIfCancelled();
    if (index % 200 === 0) onProgress(index);
    const family = found[familyOf(format)];
    try {
      const verdict = withBytes(fs, `${root}/${path}`, (bytes) => lookAt(bytes, format));
      if (verdict.state === 'other') continue;
      family.looked++;
      if (verdict.state === 'whole') family.whole++;
      else if (verdict.state === 'unknown') family.unknown.add({ path, role, reason: verdict.reason });
      else if (mtimeMs > nowMs - settledMs) {
        unsettled++;
        family.unknown.add({ path, role, reason: 'is being written' });
      } else family.damaged.add({ path, role, reason: verdict.reason });
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) continue;
      family.looked++;
      family.unknown.add({ path, role, reason: reasonOf(error) });
    }
  }
  const families = { models: found.models.done(), arrays: found.arrays.done(), databases: found.databases.done() };
  return { families, unsettled };
}

class FamilyFound {
  looked = 0;
  whole = 0;
  readonly damaged = new BoundedList<Trouble>(listed);
  readonly unknown = new BoundedList<Trouble>(listed);

  done(): FamilyFacts {
    return { looked: this.looked, whole: this.whole, damaged: this.damaged.done(), unknown: this.unknown.done() };
  }
}
