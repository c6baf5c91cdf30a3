import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { Discovered, Output } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { collect, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { skippedText } from '../job-result.ts';
import { storeJson } from '../json.ts';
import { table } from '../table.ts';
import { printable } from '../text.ts';

interface DiscoverOptions {
  readonly add?: readonly string[];
  readonly all?: boolean;
}

function stateText({ store, refusal, why }: Discovered): string {
  if (refusal !== undefined) return printable(refusal);
  return store === undefined ? printable(why) : 'A store already';
}

function foundText(found: readonly Discovered[]): string {
  if (found.length === 0) return 'No well-known store was found in its usual place.\n';
  const right = 'right' as const;
  const rows = found.map((one) => {
    const { id, path, size } = one;
    const more = size?.atLeast === true ? '+' : '';
    return [
      id,
      printable(path),
      size === undefined ? '–' : `${formatBytes(size.bytes)}${more}`,
      size === undefined ? '–' : `${formatBytes(size.allocated)}${more}`,
      stateText(one),
    ];
  });
  return (
    table(
      [
        { title: 'ID' },
        { title: 'PATH' },
        { title: 'SIZE', align: right },
        { title: 'ON DISK', align: right },
        { title: '' },
      ],
      rows,
    ) + (found.some(({ size }) => size?.atLeast === true) ? '+: at least; not all of it was counted.\n' : '')
  );
}

function addedText({ added, refused }: Output<'discover.add'>): string {
  return (
    added.map(({ name, path }) => `Added the store ${printable(name)}: ${printable(path)}\n`).join('') +
    refused
      .map(({ id, message, hint }) => `Not added: ${id}. ${printable([message, hint ?? ''].join(' ').trim())}\n`)
      .join('')
  );
}

async function discover(context: CommandContext, { add = [], all = false }: DiscoverOptions) {
  const { warnings } = await followJob(context, (client) => client.call('discover.start', {}));
  const client = await context.client();
  const { found } = await client.call('discover.list', {}, { signal: context.signal });
  const unknown = add.find((id) => !found.some((one) => one.id === id));
  if (unknown !== undefined) {
    throw new LarderError('NOT_FOUND', `Nothing found is called ${printable(unknown)}.`, {
      hint: found.length === 0 ? 'Nothing was found at all.' : `There is: ${found.map(({ id }) => id).join(', ')}`,
    });
  }
  const addable = found.filter(({ store, refusal }) => store === undefined && refusal === undefined);
  const ids = all ? addable.map(({ id }) => id) : [...add];
  if (ids.length === 0) {
    print(
      context,
      () => ({ found, skipped: warnings }),
      () =>
        foundText(found) +
        skippedText(warnings) +
        (all
          ? 'None of them can be added that is not a store already.\n'
          : addable.length === 0
            ? ''
            : `To add ${addable.length === 1 ? 'it' : formatQuantity(addable.length, 'store')}: larder stores discover --all, or --add ID\n`),
    );
    return exitCodes.done;
  }
  const result = await client.call('discover.add', { ids }, { signal: context.signal });
  print(
    context,
    () => ({ found, added: result.added.map(storeJson), refused: result.refused }),
    () => addedText(result),
  );
  return result.refused.length === 0 ? exitCodes.done : exitCodes.partly;
}

function describe(command: Command, name: string, run: Run): void {
  command
    .option('--add <id>', 'register this one as a store; may be given again', collect)
    .option('--all', 'register all that are not stores yet')
    .description('find well-known stores by the environment and their usual places')
    .addHelpText('after', examples(`larder ${name}`, `larder ${name} --add ollama --add huggingface-hub`))
    .action((options: DiscoverOptions) => run((context) => discover(context, options)));
}

/** `larder discover` */
export function registerDiscover(program: Command, run: Run): void {
  describe(program.command('discover'), 'discover', run);
}

/** `larder stores discover` */
export function registerStoresDiscover(stores: Command, run: Run): void {
  describe(stores.command('discover'), 'stores discover', run);
}
