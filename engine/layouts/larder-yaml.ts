import { larderYamlSchema } from '../../shared/contract/index.ts';
import type { LayoutProblem } from '../../shared/contract/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { ReadLarderYaml } from './resolve.ts';
import { largestFile, parseYaml } from './yaml-text.ts';

/** A team's own layout, in the root of a store. */
export const fileName = 'larder.yaml';

export interface LarderYamlFile {
  readonly file: 'none' | 'broken' | ReadLarderYaml;
  /** Why it is broken. */
  readonly problems: readonly LayoutProblem[];
}

/** Reads a `larder.yaml`. A problem of it is an answer, not an error. */
export function readLarderYaml(fs: FileSystem, path: string): LarderYamlFile {
  let text: string;
  try {
    const stats = fs.stat(path);
    if (!stats.isFile()) return broken({ message: `${fileName} is not a file.` });
    if (stats.size > BigInt(largestFile)) {
      return broken({ message: `${fileName} is larger than ${largestFile / 1024} KiB, so it is not read.` });
    }
    text = fs.readFile(path).toString('utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return { file: 'none', problems: [] };
    if (!isSystemError(error)) throw error;
    return broken({ message: `${fileName} ${reasonOf(error)}.` });
  }
  const parsed = parseYaml(text, larderYamlSchema);
  return parsed.problems === undefined ? { file: parsed, problems: [] } : { file: 'broken', problems: parsed.problems };
}

function broken(problem: LayoutProblem): LarderYamlFile {
  return { file: 'broken', problems: [problem] };
}
