import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFolder, dataSet } from './data-set.ts';
import type { Contender, Row, Sample } from './row.ts';
import { rows } from './rows/index.ts';

/**
 * Larder against its peers: `npm run bench -- [--rows full-zst,verify] [--runs 5] [--json [FILE]]`.
 *
 * Contenders take turns, so that what else the machine does hits all alike. One run of each comes first and is not
 * counted. Medians are compared; no number decides whether a test passes.
 */

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    runs: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Result {
  readonly row: string;
  readonly title: string;
  readonly contenders: readonly {
    readonly name: string;
    readonly missing?: string;
    readonly medianSeconds?: number;
    readonly samples: readonly Sample[];
  }[];
  readonly ratios: readonly {
    readonly of: string;
    readonly against: string;
    readonly ratio: number;
    readonly bar: number;
    readonly moonshot?: number;
    readonly reached: boolean;
  }[];
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function clear(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
  // What the run before left to be written out is not the next one's burden.
  if (process.platform !== 'win32') execFileSync('sync');
}

async function measure(row: Row, runs: number): Promise<Result> {
  const root = dataSet(row.dataSet, say);
  const work = mkdtempSync(join(benchFolder(), 'work-'));
  const samples = new Map<Contender, Sample[]>();
  try {
    const all = await row.contenders({ root, work });
    const present = all.filter(({ missing }) => missing === undefined);
    for (let run = 0; run <= runs; run++) {
      for (const contender of present) {
        clear(work);
        const sample = await contender.run();
        say(`${row.id} ${run === 0 ? 'warm-up' : `run ${run}`}: ${contender.name} ${sample.seconds.toFixed(2)} s`);
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
    return { row: row.id, title: row.title, contenders, ratios };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function largest(samples: readonly Sample[], of: (sample: Sample) => number | undefined): number | undefined {
  const numbers = samples.flatMap((sample) => of(sample) ?? []);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function table(results: readonly Result[]): string {
  const lines = ['| work | who | median | runs | stored | memory |', '|---|---|---|---|---|---|'];
  for (const { title, contenders } of results) {
    for (const { name, missing, medianSeconds, samples } of contenders) {
      const bytes = largest(samples, (sample) => sample.bytes);
      const memory = largest(samples, (sample) => sample.memoryMb);
      const time = medianSeconds === undefined ? (missing ?? '') : `${medianSeconds.toFixed(2)} s`;
      const each = samples.map(({ seconds }) => seconds.toFixed(2)).join(' ');
      const stored = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(0)} MB`;
      lines.push(
        `| ${title} | ${name} | ${time} | ${each} | ${stored} | ${memory === undefined ? '' : `${memory} MB`} |`,
      );
    }
  }
  lines.push('', '| work | ratio | is | bar | moonshot | |', '|---|---|---|---|---|---|');
  for (const { title, ratios } of results) {
    for (const { of, against, ratio, bar, moonshot, reached } of ratios) {
      const verdict = reached ? 'reached' : 'not reached';
      lines.push(`| ${title} | ${of} / ${against} | ${ratio.toFixed(2)} | ${bar} | ${moonshot ?? ''} | ${verdict} |`);
    }
  }
  return lines.join('\n');
}

async function main(): Promise<void> {
  if (values.help) {
    say(`Rows: ${rows.map(({ id }) => id).join(', ')}. Options: --rows A,B  --runs N  --json  --out FILE`);
    return;
  }
  const wanted = values.rows?.split(',');
  const unknown = wanted?.filter((id) => !rows.some((row) => row.id === id)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}.`);
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a number from 1.');
  const machine = {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    node: process.version,
    load: loadavg(),
  };
  const results: Result[] = [];
  for (const row of rows) {
    if (wanted === undefined || wanted.includes(row.id)) results.push(await measure(row, runs));
  }
  const json = JSON.stringify({ machine, runs, results }, null, 1);
  if (values.out !== undefined) writeFileSync(values.out, `${json}\n`);
  console.log(values.json ? json : table(results));
}

await main();
