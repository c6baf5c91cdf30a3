import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { z } from 'zod';
import type { LayoutProblem } from '../../shared/contract/index.ts';

/** Larger files are no layouts; reading one must not hold up the engine. */
export const largestFile = 256 * 1024;

/** A text of YAML, read with its places. */
export interface YamlText {
  readonly document: Document.Parsed;
  /** Line and column of a node at a path of keys, or of the nearest one above it. */
  placeOf(path: readonly PropertyKey[], key?: string): Pick<LayoutProblem, 'line' | 'column'>;
}

/** Reads YAML 1.2 without resolving anything but aliases in the same file. Comments and order stay in the document. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', logLevel: 'error' });
  const at = (offset: number): Pick<LayoutProblem, 'line' | 'column'> => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? {} : { line, column: col };
  };
  return {
    document,
    placeOf(path, key) {
      let node: unknown = document.contents;
      let offset = startOf(node);
      const below = key === undefined ? path : [...path, key];
      for (const name of below) {
        if (isMap(node)) {
          const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(name));
          if (pair === undefined) break;
          // The name of a key says more than where its value begins.
          offset = startOf(pair.key) ?? offset;
          node = pair.value;
        } else {
          const next: unknown = document.getIn(below.slice(0, below.indexOf(name) + 1), true);
          if (startOf(next) === undefined) break;
          offset = startOf(next);
          node = next;
        }
      }
      return at(offset ?? 0);
    },
  };
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

export type Parsed<T> =
  | { readonly value: T; readonly yaml: YamlText; readonly problems?: undefined }
  | { readonly value?: undefined; readonly problems: readonly LayoutProblem[] };

/** Reads a text and checks it. What is wrong is told with its line and column, as a person can mend it. */
export function parseYaml<S extends z.ZodType>(text: string, schema: S): Parsed<z.output<S>> {
  const yaml = readYaml(text);
  const { document } = yaml;
  const lines = new LineCounter();
  parseLines(text, lines);
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { message: `It is not valid YAML: ${sentence(message)}`, line, column: col };
      }),
    };
  }
  let data: unknown;
  try {
    // A small file can stand for a huge one by aliases of aliases.
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { problems: [{ message: `It cannot be read: ${sentence(error instanceof Error ? error.message : '')}` }] };
  }
  const checked = schema.safeParse(data);
  if (checked.success) return { value: checked.data, yaml };
  return { problems: checked.error.issues.flatMap((issue) => inWords(issue, yaml)) };
}

function parseLines(text: string, lines: LineCounter): void {
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
}

function sentence(text: string): string {
  const first = text.split('\n')[0] ?? '';
  return /[.?]$/.test(first) ? first : `${first}.`;
}

function inWords(issue: z.core.$ZodIssue, yaml: YamlText): LayoutProblem[] {
  const { path } = issue;
  const where = path.map(String).join('.');
  const of = where === '' ? '' : ` of ${where}`;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      message: `There is nothing called ${JSON.stringify(key)}${of === '' ? '' : ` in ${where}`}.`,
      hint: 'Check its spelling and how far it is indented.',
      ...yaml.placeOf(path, key),
    }));
  }
  const place = yaml.placeOf(path);
  if (where !== '' && !yaml.document.hasIn(path)) return [{ message: `${where} is missing.`, ...place }];
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String).join(', ');
    return [{ message: `The value${of} is not one of: ${values}.`, ...place }];
  }
  if (issue.code === 'invalid_union') {
    return [{ message: `The value${of} is not one that is known there.`, hint: unionHint(where), ...place }];
  }
  if (issue.code === 'invalid_type') {
    if (where === '') return [{ message: 'It does not begin with names and values.', ...place }];
    return [{ message: `The value${of} is not a ${issue.expected}.`, ...place }];
  }
  return [{ message: `The value${of} is not right: ${sentence(issue.message)}`, ...place }];
}

function unionHint(where: string): string | undefined {
  const hints: Readonly<Record<string, string>> = {
    backup: 'It takes always, never, or recentDays: 7.',
    cleanup: 'It takes never, retention, olderThanHours: 24, or olderThanDays: 30.',
    directoryMode: 'It takes permission bits in octal, for example 755.',
    fileMode: 'It takes permission bits in octal, for example 644.',
  };
  return hints[where.split('.').at(-1) ?? ''];
}
