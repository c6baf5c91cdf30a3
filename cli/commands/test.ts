import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { storageTestSchema } from '../../shared/contract/index.ts';
import type { StorageCheck, Store, StorageTest } from '../../shared/contract/index.ts';
import { formatQuantity } from '../../shared/format.ts';
import { absolute, examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult } from '../job-result.ts';
import { styleFor } from '../style.ts';
import { printable } from '../text.ts';

const words: Readonly<Record<StorageCheck['status'], string>> = {
  pass: 'ok',
  warn: 'warning',
  fail: 'FAILED',
  skip: 'cannot tell',
};

type Subject = { readonly store: string } | { readonly path: string };

async function runTest(context: CommandContext, subject: Subject): Promise<StorageTest> {
  const { job } = await followJob(context, (client) => client.call('setup.test', subject));
  return readResult(storageTestSchema, job.result);
}

/** A line for each check; of areas where all is well one line for all of them. */
function testText(context: CommandContext, { path, checks }: StorageTest): string {
  const style = styleFor(context.terminal, 'out');
  const paint = { pass: style.green, warn: style.yellow, fail: style.red, skip: style.dim } as const;
  const line = ({ status, title, evidence, next }: StorageCheck, name: string): string =>
    `  ${paint[status](words[status].padEnd(11))}  ${printable(name === '' ? title : `${name}: ${title}`)}. ${printable(evidence)}\n` +
    (next === undefined || status === 'pass' ? '' : `${' '.repeat(15)}${printable(next)}\n`);
  const byArea = Map.groupBy(checks, ({ area }) => area ?? '');
  let text = '';
  for (const [area, found] of byArea) {
    if (area === '') continue;
    const good = found.every(({ status }) => status === 'pass');
    const evidence = 'It is there, and a file was written, made durable, read back and removed';
    text += good
      ? `  ${paint.pass(words.pass.padEnd(11))}  ${printable(area)}. ${evidence}.\n`
      : found
          .filter(({ status }) => status !== 'pass')
          .map((check) => line(check, area))
          .join('');
  }
  const whole = (byArea.get('') ?? []).map((check) => line(check, '')).join('');
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  const unknown = checks.filter(({ status }) => status === 'skip').length;
  const parts = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(warned === 0 ? [] : [formatQuantity(warned, 'warning')]),
    ...(unknown === 0 ? [] : [`${unknown} cannot be told`]),
  ];
  return `${printable(path)}\n${whole}${text}${parts.length === 0 ? 'All is well.' : `${parts.join(', ')}.`}\n`;
}

/** What a text means: a store, else a folder that is there. */
async function subjectOf(context: CommandContext, text: string): Promise<Subject> {
  try {
    return { store: (await findStore(context, text)).id };
  } catch (error) {
    const path = absolute(context, text);
    if (existsSync(path)) return { path };
    throw error;
  }
}

async function allStores(context: CommandContext): Promise<Subject[]> {
  const client = await context.client();
  const { stores } = await client.call('stores.list', {}, { signal: context.signal });
  return stores.map(({ id }: Store) => ({ store: id }));
}

/** `larder test [STORE]` */
export function registerTest(program: Command, run: Run): void {
  program
    .command('test')
    .argument('[store]', 'name, id or path of a store, or any folder; every store when not given')
    .description('storage test: exists, permissions, write and read back, mounts, space, speed; exit code 8 on failure')
    .addHelpText('after', examples('larder test project', 'larder test ./persistent_data --json'))
    .action((text: string | undefined) =>
      run(async (context) => {
        const subjects = text === undefined ? await allStores(context) : [await subjectOf(context, text)];
        const tests: StorageTest[] = [];
        for (const subject of subjects) tests.push(await runTest(context, subject));
        const [only] = tests;
        print(
          context,
          () => (tests.length === 1 && only !== undefined ? only : { stores: tests }),
          () =>
            tests.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : tests.map((each) => testText(context, each)).join('\n'),
        );
        return tests.every(({ ok }) => ok) ? exitCodes.done : exitCodes.unhealthy;
      }),
    );
}
