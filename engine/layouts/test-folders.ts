import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Layout } from '../../shared/contract/index.ts';

/** A path that a glob of a mark matches. */
function example(glob: string): string {
  return glob
    .replaceAll('**/', '')
    .replaceAll(/\[0-9a-f\]/g, 'a')
    .replaceAll(/\[(.).*?\]/g, '$1')
    .replaceAll('?', 'a')
    .replaceAll('*', 'x-y');
}

/** Makes real folders and files; a path that ends in `/` is a folder. */
export function makeTree(root: string, paths: readonly string[]): void {
  for (const path of paths) {
    const at = join(root, path);
    if (path.endsWith('/')) mkdirSync(at, { recursive: true });
    else {
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, path);
    }
  }
}

/** What a folder of a layout holds at least: its areas, and something for each of its marks. */
export function treeOf({ areas, marks }: Layout): string[] {
  return [
    ...areas.flatMap(({ path, folders = [] }) => [
      ...(path === '' ? [] : [`${example(path)}/`]),
      ...folders.map((folder) => `${example(path)}/${folder}/`),
    ]),
    ...marks.flatMap(({ any, kind }) => {
      const [first = ''] = any;
      return kind === 'file' ? [example(first)] : [`${example(first)}/`];
    }),
  ];
}
