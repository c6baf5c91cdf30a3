import { basename } from 'node:path';
import type { Output } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { toLarderError } from '../fs/index.ts';
import { detectLayouts } from './detect.ts';
import { areaExists } from './exists.ts';
import { guessRoles } from './guess.ts';
import { fileName, readLarderYaml } from './larder-yaml.ts';
import { resolveLayout } from './resolve.ts';
import { lookIntoTask } from './tasks.ts';

/** Looks at a folder and tells which layouts it may be of. Throws when it cannot be read. */
export async function detectIn(
  context: Pick<EngineContext, 'fs' | 'pool' | 'layouts'>,
  path: string,
  signal?: AbortSignal,
): Promise<Output<'layouts.detect'>> {
  const { fs, pool, layouts } = context;
  let root: string;
  try {
    root = fs.realPath(path);
  } catch (error) {
    throw toLarderError(error, path);
  }
  const { seen } = await pool.run(lookIntoTask, root, { signal });
  const listing = { name: basename(root), seen };
  const { file, problems } = readLarderYaml(fs, `${root}/${fileName}`);
  const named = typeof file === 'string' ? undefined : file.value.layout;
  const candidates = detectLayouts(layouts.list(), listing, named);
  const layout = candidates.find(({ convincing }) => convincing)?.id;
  const { areas } = resolveLayout({
    store: '',
    chosen: layout === undefined ? undefined : layouts.get(layout),
    file,
    problems,
    known: (id) => layouts.find(id),
    guesses: guessRoles(listing),
    exists: (area) => areaExists(fs, root, area),
    yours: {},
  });
  return { path: root, candidates, ...(layout === undefined ? {} : { layout }), areas };
}
