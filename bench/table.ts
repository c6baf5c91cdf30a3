import type { Bar, Limit, Sample } from './row.ts';

/** What came out, as Markdown. */

export interface Result {
  readonly row: string;
  readonly title: string;
  /** Files of the tree it was measured on, for a row that is measured at several sizes. */
  readonly files?: number;
  /** Times the store it was measured on, likewise. */
  readonly scale?: number;
  readonly contenders: readonly {
    readonly name: string;
    readonly missing?: string;
    readonly medianSeconds?: number;
    readonly samples: readonly Sample[];
  }[];
  readonly ratios: readonly (Bar & { readonly ratio: number; readonly reached: boolean })[];
  readonly limits: readonly (Limit & { readonly is: number; readonly reached: boolean })[];
}

/** NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function largest(samples: readonly Sample[], of: (sample: Sample) => number | undefined): number | undefined {
  const numbers = samples.flatMap((sample) => of(sample) ?? []);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  return `${(seconds * 1_000).toFixed(seconds >= 0.1 ? 0 : 1)} ms`;
}

function sized({ title, files, scale }: Result): string {
  if (files !== undefined) return `${title}, ${files.toLocaleString('en')} files`;
  return scale === undefined || scale === 1 ? title : `${title}, ${scale} × store`;
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''];
}

function samplesOf(result: Result): string[][] {
  return result.contenders.map(({ name, missing, medianSeconds, samples }) => {
    const bytes = largest(samples, (sample) => sample.bytes);
    const memory = median(samples.flatMap((sample) => sample.memoryMb ?? []));
    return [
      sized(result),
      name,
      medianSeconds === undefined ? (missing ?? '') : time(medianSeconds),
      samples.map(({ seconds }) => time(seconds)).join(', '),
      bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`,
      Number.isNaN(memory) ? '' : `${memory.toFixed(0)} MB`,
    ];
  });
}

function verdict(reached: boolean, is: number, moonshot: number | undefined): string {
  if (!reached) return 'not reached';
  return moonshot !== undefined && is <= moonshot ? 'moonshot reached' : 'reached';
}

/** The bars are those of the tree of 300,000 files and of the store as it is; other sizes show how cost grows. */
const judgedFiles = 300_000;

function barsOf(result: Result): string[][] {
  if (result.files !== undefined && result.files !== judgedFiles) return [];
  if (result.scale !== undefined && result.scale !== 1) return [];
  const ratios = result.ratios.map(({ of, against, ratio, bar, moonshot, reached }) => [
    `${of} / ${against}`,
    ratio.toFixed(2),
    String(bar),
    String(moonshot ?? ''),
    verdict(reached, ratio, moonshot),
  ]);
  const limits = result.limits.map(({ of, what, is, bar, moonshot, reached }) => {
    const shown = (value: number): string => (what === 'seconds' ? time(value) : `${value.toFixed(0)} MB`);
    const best = moonshot === undefined ? '' : shown(moonshot);
    const name = what === 'seconds' ? of : what === 'memoryMb' ? 'memory' : 'stored';
    return [name, shown(is), shown(bar), best, verdict(reached, is, moonshot)];
  });
  return [...ratios, ...limits].map((cells) => [sized(result), ...cells]);
}

/** Medians at each size, and the time for each file: where that is the same in every column, cost is linear. */
function growthOf(results: readonly Result[]): string[] {
  const growing = results.filter(({ files }) => files !== undefined);
  const sizes = [...new Set(growing.flatMap(({ files }) => files ?? []))].sort((a, b) => a - b);
  if (sizes.length < 2) return [];
  const names = new Map<string, { row: string; title: string; name: string }>();
  for (const { row, title, contenders } of growing) {
    for (const { name, missing } of contenders) {
      if (missing === undefined) names.set(`${row} ${name}`, { row, title, name });
    }
  }
  const perFile = (row: string, name: string, size: number): string => {
    const result = growing.find((one) => one.row === row && one.files === size);
    const seconds = result?.contenders.find((one) => one.name === name)?.medianSeconds;
    return seconds === undefined ? '' : `${time(seconds)} (${((seconds / size) * 1e6).toPrecision(2)} µs)`;
  };
  const lines = [...names.values()].map(({ row, title, name }) => [
    title,
    name,
    ...sizes.map((size) => perFile(row, name, size)),
  ]);
  return markdown(['median (a file)', 'who', ...sizes.map((size) => size.toLocaleString('en'))], lines);
}

export function table(results: readonly Result[]): string {
  return [
    ...markdown(['work', 'who', 'median', 'runs', 'stored', 'memory'], results.flatMap(samplesOf)),
    ...markdown(['work', 'ratio or figure', 'is', 'bar', 'moonshot', ''], results.flatMap(barsOf)),
    ...growthOf(results),
  ].join('\n');
}
