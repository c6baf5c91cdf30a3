import path, { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { toLarderError } from '../engine/fs/index.ts';
import type { FileSystem } from '../engine/fs/index.ts';
import { absolutePath, LarderError } from '../shared/contract/index.ts';
import type { Store } from '../shared/contract/index.ts';
import { displayName, hasRawBytes } from '../shared/path-text.ts';
import { isWithin } from './within.ts';

export const pickFolderSchema = z.strictObject({
  title: z.string().min(1).max(200),
  defaultPath: absolutePath.optional(),
});
export type PickFolderOptions = z.infer<typeof pickFolderSchema>;

export const pickFileSchema = z.strictObject({
  title: z.string().min(1).max(200),
  mode: z.enum(['open', 'save']),
  defaultPath: absolutePath.optional(),
  /** A name alone: where it goes is the person's choice. */
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^/\\\p{Cc}]+$/u)
    .optional(),
});
export type PickFileOptions = z.infer<typeof pickFileSchema>;

export interface Picking<Options> {
  readonly fs: Pick<FileSystem, 'realPath'>;
  /** Shows the native dialog; undefined when it was closed. */
  readonly show: (options: Options) => Promise<string | undefined>;
  /** Lets the window name this real path, and what is below it, to the engine. */
  readonly grant: (realPath: string) => void;
}

/**
 * Lets the person choose a folder and grants its real path to the window. What the window names may only ever come
 * from here or be inside a registered store.
 */
export async function pickFolder(input: unknown, picking: Picking<PickFolderOptions>): Promise<string | undefined> {
  const options = pickFolderSchema.safeParse(input);
  if (!options.success) throw new LarderError('INVALID_INPUT', 'The folder dialog was asked for in an unknown way.');
  return granted(await picking.show(options.data), picking, (path) => picking.fs.realPath(path));
}

/**
 * Lets the person choose a file to read, or a name to write to, and grants that path alone to the window. Of a name to
 * write to, the folder has to be there.
 */
export async function pickFile(input: unknown, picking: Picking<PickFileOptions>): Promise<string | undefined> {
  const options = pickFileSchema.safeParse(input);
  if (!options.success) throw new LarderError('INVALID_INPUT', 'The file dialog was asked for in an unknown way.');
  const { realPath } = picking.fs;
  return granted(await picking.show(options.data), picking, (path) =>
    options.data.mode === 'open' ? realPath(path) : join(realPath(dirname(path)), basename(path)),
  );
}

function granted(
  chosen: string | undefined,
  { grant }: Pick<Picking<unknown>, 'grant'>,
  realPathOf: (path: string) => string,
): string | undefined {
  if (chosen === undefined) return undefined;
  let real: string;
  try {
    real = realPathOf(chosen);
  } catch (error) {
    throw toLarderError(error, chosen);
  }
  grant(real);
  return real;
}

/**
 * The real path to show in the file manager: what the window names, provided that it lies in a registered store or in
 * the backup folder of one at this moment. Throws `PERMISSION` otherwise, `NOT_FOUND` where it is not there.
 */
export function resolveRevealed(
  input: unknown,
  stores: readonly Pick<Store, 'path' | 'destination'>[],
  fs: Pick<FileSystem, 'realPath'>,
): string {
  const named = absolutePath.safeParse(input);
  if (!named.success || !path.isAbsolute(named.data)) {
    throw new LarderError('INVALID_INPUT', 'Only an absolute path can be shown in the file manager.');
  }
  // Before the disk is touched: what is outside is refused in the same words whether or not it exists.
  const outside = new LarderError('PERMISSION', `${displayName(named.data)} is not in a registered store.`);
  const roots = stores.flatMap((store) => [store.path, store.destination]);
  if (!roots.some((root) => isWithin(root, path.resolve(named.data)))) throw outside;
  let real: string;
  try {
    real = fs.realPath(named.data);
  } catch (error) {
    throw toLarderError(error, named.data);
  }
  const isInside = roots.some((root) => {
    try {
      return isWithin(fs.realPath(root), real);
    } catch {
      // A store whose root is gone contains nothing.
      return false;
    }
  });
  if (!isInside) throw outside;
  if (hasRawBytes(real)) {
    throw new LarderError('UNSUPPORTED', `${displayName(real)} has a name the file manager cannot be given.`, {
      hint: 'Show the folder around it.',
    });
  }
  return real;
}
