import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFolder, dataSet, storeOfScale, treeOfSize } from './data-set.ts';
import { rows } from './rows/index.ts';
import type { Contender, Limit, Row, Sample } from './row.ts';
import { median, table } from './table.ts';
import type { Result } from './table.ts';

/**
 * Larder against its peers: `npm run bench -- [--rows full-zst,verify] [--sizes 10000,300000,1000000] [--scales 0.1,1,4]
 * [--runs 5] [--json] [--out FILE]`, or `--from FILE` to print the table of a run kept with `--out`.
 *
 * Contenders take turns, so that what else the machine does hits all alike. One run of each comes first and is not
 * counted. Medians are compared; no number decides whether a test passes.
 */

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    runs: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '300000' },
    scales: { type: 'string', default: '1' },
    from: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function clear(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  // What the run before left to be written out is not the next one's burden.
  if (process.platform !== 'win32') execFileSync('sync');
}

/** How large the data set is: files of the tree, or times the store. */
interface Size {
  readonly files?: number;
  readonly scale?: number;
}

function nameOf(row: Row, { files, scale }: Size): string {
  return [row.id, files, scale].filter((part) => part !== undefined).join(' ');
}

async function measure(row: Row, size: Size, runs: number): Promise<Result> {
  const sized = treeOfSize.get(size.files ?? 0) ?? storeOfScale.get(size.scale ?? 0) ?? row.dataSet;
  const root = dataSet(sized, say);
  const work = mkdtempSync(join(benchFolder(), 'work-'));
  const samples = new Map<Contender, Sample[]>();
  try {
    const all = await row.contenders({ root, work });
    const present = all.filter(({ missing }) => missing === undefined);
    for (let run = 0; run <= runs; run++) {
      for (const contender of present) {
        clear(work);
        const sample = await contender.run();
        say(
          `${nameOf(row, size)} ${run === 0 ? 'warm-up' : `run ${run}`}: ${contender.name} ${sample.seconds.toFixed(4)} s`,
        );
        if (run > 0) samples.set(contender, [...(samples.get(contender) ?? []), sample]);
      }
    }
    for (const contender of all) await contender.close?.();
    const contenders = all.map((contender) => {
      const own = samples.get(contender) ?? [];
      const { name, missing } = contender;
      if (missing !== undefined) return { name, missing, samples: own };
      return { name, medianSeconds: median(own.map(({ seconds }) => seconds)), samples: own };
    });
    const medianOf = (name: string): number | undefined =>
      contenders.find((contender) => contender.name === name)?.medianSeconds;
    const ratios = row.bars.flatMap((bar) => {
      const of = medianOf(bar.of);
      const against = medianOf(bar.against);
      if (of === undefined || against === undefined) return [];
      return [{ ...bar, ratio: of / against, reached: of / against <= bar.bar }];
    });
    const limits = (row.limits ?? []).flatMap((limit) => {
      const own = contenders.find(({ name }) => name === limit.of)?.samples ?? [];
      const is = median(own.flatMap((sample) => figureOf(sample, limit.what) ?? []));
      return Number.isNaN(is) ? [] : [{ ...limit, is, reached: is <= limit.bar }];
    });
    return { row: row.id, title: row.title, ...size, contenders, ratios, limits };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function figureOf(sample: Sample, what: Limit['what']): number | undefined {
  if (what === 'storedMb') return sample.bytes === undefined ? undefined : sample.bytes / 1e6;
  return sample[what];
}

/** The numbers of an option; throws when some are not among those there are. */
function chosen(option: string, text: string, known: Iterable<number>): number[] {
  const numbers = text.split(',').map(Number);
  const there = [...known];
  if (numbers.every((number) => there.includes(number))) return numbers;
  throw new Error(`--${option} takes some of ${there.join(', ')}.`);
}

async function main(): Promise<void> {
  if (values.help) {
    say(
      `Rows: ${rows.map(({ id }) => id).join(', ')}. Options: --rows A,B  --sizes N,M  --scales N,M  --runs N  --json  --out FILE  --from FILE`,
    );
    return;
  }
  if (values.from !== undefined) {
    const kept = JSON.parse(readFileSync(values.from, 'utf8')) as { results: Result[] };
    console.log(table(kept.results));
    return;
  }
  const wanted = values.rows?.split(',');
  const unknown = wanted?.filter((id) => !rows.some((row) => row.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}.`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number from 1.');
  const trees: Size[] = chosen('sizes', values.sizes, treeOfSize.keys()).map((files) => ({ files }));
  const stores: Size[] = chosen('scales', values.scales, storeOfScale.keys()).map((scale) => ({ scale }));
  const machine = {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    node: process.version,
    load: loadavg(),
  };
  const results: Result[] = [];
  for (const row of rows) {
    if (wanted?.includes(row.id) === false) continue;
    const sizes = row.dataSet === 'tree' ? trees : row.dataSet === 'store' ? stores : [{}];
    for (const size of sizes) results.push(await measure(row, size, runs));
  }
  const json = JSON.stringify({ machine, runs, results }, null, 1);
  if (values.out !== undefined) writeFileSync(values.out, `${json}\n`);
  console.log(values.json ? json : table(results));
}

await main();
