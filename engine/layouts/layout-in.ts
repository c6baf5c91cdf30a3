import type { StoreLayout } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { areaExists } from './exists.ts';
import { fileName, readLarderYaml } from './larder-yaml.ts';
import { resolveLayout } from './resolve.ts';

/**
 * The layout of a folder that need not be a store, nor be there yet: its `larder.yaml`, else the layout named. Without
 * guesses. Reads no more than `larder.yaml` and whether areas exist.
 */
export function layoutIn(
  { fs, layouts }: Pick<EngineContext, 'fs' | 'layouts'>,
  root: string,
  chosen: string | undefined,
): StoreLayout {
  return resolveLayout({
    store: 'none',
    chosen: chosen === undefined ? undefined : layouts.get(chosen),
    ...readLarderYaml(fs, `${root}/${fileName}`),
    known: (id) => layouts.find(id),
    guesses: [],
    exists: (path) => areaExists(fs, root, path),
    yours: {},
  });
}
