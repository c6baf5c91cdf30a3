import type { Command } from 'commander';
import type { Store } from '../../shared/contract/index.ts';
import { absolute, examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { storeJson } from '../json.ts';
import { facts, table } from '../table.ts';
import { printable } from '../text.ts';
import { registerStoresDiscover } from './discover.ts';
import { registerStoresSet } from './stores-set.ts';

function stateText(store: Store): string {
  return store.state === 'ok' ? 'ok' : printable(store.stateReason ?? store.state);
}

/** Whether a running Larder follows its changes. */
function watchedText({ live }: Store): string {
  const words = { off: 'no', starting: 'starting', live: 'yes', partial: 'partly' } as const;
  return words[live.state];
}

/** What the folders of a store just added are taken for. */
async function layoutText({ client, signal }: CommandContext, store: Store, detected: boolean): Promise<string> {
  const { layout, file } = await (await client()).call('layouts.ofStore', { store: store.id }, { signal });
  if (layout === undefined) return file === 'ok' ? 'larder.yaml' : 'none; the roles of folders are guesses';
  const by = file === 'ok' ? 'by larder.yaml' : detected ? 'detected' : '';
  return `${layout.title}${by === '' ? '' : ` (${by})`}`;
}

/** `larder stores add|list|set|remove` */
export function registerStores(program: Command, run: Run): void {
  const stores = program
    .command('stores')
    .description('the registered stores: folders Larder looks after')
    .addHelpText('after', examples('larder stores add ~/project/persistent_data', 'larder stores list'));

  stores
    .command('add')
    .argument('<path>', 'folder that holds the data')
    .option('--name <name>', "name of the store; the folder's own name when not given")
    .option('--dest <dir>', 'folder for its backups; beside the store when not given')
    .option('--layout <id>', 'its layout, or none; detected when not given')
    .description('register a folder as a store')
    .addHelpText('after', examples('larder stores add ~/project/persistent_data --name project'))
    .action((path: string, options: { name?: string; dest?: string; layout?: string }) =>
      run(async (context) => {
        const client = await context.client();
        const input = {
          path: absolute(context, path),
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
          ...(options.layout === undefined ? {} : { layout: options.layout === 'none' ? null : options.layout }),
        };
        const store = await client.call('stores.add', input, { signal: context.signal });
        const layout = context.options.json ? '' : await layoutText(context, store, options.layout === undefined);
        print(
          context,
          () => storeJson(store),
          () =>
            `Added the store ${printable(store.name)}.\n` +
            facts([
              ['path', printable(store.path)],
              ['id', store.id],
              ['layout', layout],
              ['backups go to', printable(store.destination)],
            ]),
        );
        return exitCodes.done;
      }),
    );

  stores
    .command('list', { isDefault: true })
    .description('list the registered stores')
    .addHelpText('after', examples('larder stores list --json'))
    .action(() =>
      run(async (context) => {
        const client = await context.client();
        const { stores: found } = await client.call('stores.list', {}, { signal: context.signal });
        print(
          context,
          () => ({ stores: found.map(storeJson) }),
          () =>
            found.length === 0
              ? 'No store is registered yet. Add one: larder stores add PATH\n'
              : table(
                  [
                    { title: 'NAME' },
                    { title: 'PATH' },
                    { title: 'STATE' },
                    { title: 'WATCHED' },
                    { title: 'BACKUPS GO TO' },
                    { title: 'ID' },
                  ],
                  found.map((store) => [
                    printable(store.name),
                    printable(store.path),
                    stateText(store),
                    watchedText(store),
                    printable(store.destination),
                    store.id,
                  ]),
                ),
        );
        return exitCodes.done;
      }),
    );

  registerStoresSet(stores, run);
  registerStoresDiscover(stores, run);

  stores
    .command('remove')
    .argument('<store>', 'name, id or path of the store')
    .description('forget a store; its files and its backups stay where they are')
    .addHelpText('after', examples('larder stores remove project'))
    .action((name: string) =>
      run(async (context) => {
        const client = await context.client();
        const store = await findStore(context, name);
        await client.call('stores.remove', { store: store.id }, { signal: context.signal });
        print(
          context,
          () => ({ removed: storeJson(store) }),
          () =>
            `${printable(store.name)} is no longer registered. Its files stay in ${printable(store.path)}, ` +
            `its backups in ${printable(store.destination)}.\n`,
        );
        return exitCodes.done;
      }),
    );
}
