import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { LarderError, modeSchema, ownerSchema, roles } from '../../shared/contract/index.ts';
import type { AreaBackup, AreaCleanup, LayoutChange, Role } from '../../shared/contract/index.ts';
import { examples, findStore, insidePath, oneOf } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { printable } from '../text.ts';
import { days } from './prune.ts';

/** Stands for the layout's own value. The parser of arguments would take `null` for a missing one. */
const byLayout = 'default';

interface SetOptions {
  readonly role?: Role;
  readonly title?: string;
  readonly backup?: AreaBackup | typeof byLayout;
  readonly cleanup?: AreaCleanup | typeof byLayout;
  readonly required?: boolean;
  readonly mode?: string;
  readonly fileMode?: string;
  readonly owner?: string;
  readonly live?: boolean;
  readonly immutable?: boolean;
  readonly remove?: boolean;
  readonly dryRun?: boolean;
}

function backup(text: string): AreaBackup | typeof byLayout {
  if (text === byLayout || text === 'always' || text === 'never') return text;
  if (!/^\d+[dwmy]$/.test(text)) throw new InvalidArgumentError('It takes always, never, default, or an age: 7d.');
  return { recentDays: days(text) };
}

function cleanup(text: string): AreaCleanup | typeof byLayout {
  if (text === byLayout || text === 'never' || text === 'retention') return text;
  const hours = /^([1-9]\d{0,4})h$/.exec(text)?.[1];
  if (hours !== undefined) return { olderThanHours: Number(hours) };
  if (!/^\d+[dwmy]$/.test(text)) {
    throw new InvalidArgumentError('It takes never, retention, default, or an age: 24h, 30d.');
  }
  return { olderThanDays: days(text) };
}

function mode(text: string): string {
  if (text !== byLayout && !modeSchema.safeParse(text).success)
    throw new InvalidArgumentError('It takes octal bits, for example 755.');
  return text;
}

function owner(text: string): string {
  if (text !== byLayout && !ownerSchema.safeParse(text).success)
    throw new InvalidArgumentError('It takes UID:GID, for example 1001:1001.');
  return text;
}

function orNull<T>(value: T | typeof byLayout | undefined): T | null | undefined {
  return value === byLayout ? null : value;
}

function changeOf(path: string, options: SetOptions): LayoutChange {
  if (options.remove === true) return { kind: 'remove', path };
  const { role, title, required, immutable, live } = options;
  const given = {
    role,
    title,
    required,
    backup: orNull(options.backup),
    cleanup: orNull(options.cleanup),
    directoryMode: orNull(options.mode),
    fileMode: orNull(options.fileMode),
    owner: orNull(options.owner),
    immutable,
    capture: live === undefined ? undefined : live ? ('live' as const) : null,
  };
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(changes).length === 0) {
    throw new LarderError('INVALID_INPUT', 'Nothing to change.', {
      hint: 'Give --role, --backup, --cleanup, --required, --mode or --remove.',
    });
  }
  return { kind: 'set', path, ...changes };
}

/** Plans changes of `larder.yaml`, shows them, and makes them unless it is only a look. */
async function change(
  context: CommandContext,
  name: string,
  changes: readonly LayoutChange[],
  dryRun: boolean,
): Promise<ExitCode> {
  const client = await context.client();
  const store = await findStore(context, name);
  const plan = await client.call(
    'layouts.plan',
    { store: store.id, changes: [...changes] },
    { signal: context.signal },
  );
  const isNothing = plan.diff === '';
  if (!dryRun && !isNothing) await client.call('layouts.apply', { plan: plan.plan }, { signal: context.signal });
  print(
    context,
    () => ({
      store: store.id,
      path: plan.path,
      changed: !dryRun && !isNothing,
      creates: plan.creates,
      diff: plan.diff,
    }),
    () => {
      if (isNothing) return `${printable(plan.path)} says so already.\n`;
      const diff = plan.diff.split('\n').map(printable).join('\n');
      return dryRun ? diff : `${diff}${plan.creates ? 'Made' : 'Changed'} ${printable(plan.path)}.\n`;
    },
  );
  return exitCodes.done;
}

/** `larder layouts set STORE AREA` and `larder layouts undo STORE` */
export function registerLayoutsSet(layouts: Command, run: Run): void {
  const value = (flags: string, description: string, parse: (text: string) => unknown): Option =>
    new Option(flags, description).argParser(parse);
  layouts
    .command('set')
    .argument('<store>', 'name, id or path of the store')
    .argument('<area>', "the area's path in the store; . for the root")
    .addOption(oneOf('--role <role>', 'what it is for', roles))
    .option('--title <text>', 'what it is called')
    .addOption(value('--backup <rule>', 'always, never, 7d (files changed since), default', backup))
    .addOption(value('--cleanup <rule>', 'never, retention, 24h or 30d (files older than that), default', cleanup))
    .option('--required', 'it is a fault when the folder is not there')
    .option('--no-required', 'it may be missing')
    .addOption(value('--mode <octal>', 'permission of its folders: 755, default', mode))
    .addOption(value('--file-mode <octal>', 'permission of its files: 644, default', mode))
    .addOption(value('--owner <uid:gid>', 'owner of it: 1001:1001, default', owner))
    .option('--live', 'a running service writes to it')
    .option('--no-live', 'no service writes to it')
    .option('--immutable', 'files in it do not change once written')
    .option('--no-immutable', 'files in it may change')
    .option('--remove', 'the store has no such area')
    .option('--dry-run', 'show what would change in larder.yaml, and change nothing')
    .description("change an area in the store's larder.yaml, which is made when it is not there")
    .addHelpText(
      'after',
      examples(
        'larder layouts set project logs --role log --backup 7d --cleanup 30d',
        'larder layouts set project stock_data/cache --cleanup default --dry-run',
      ),
    )
    .action((name: string, area: string, options: SetOptions) =>
      run((context) => change(context, name, [changeOf(insidePath('AREA', area), options)], options.dryRun === true)),
    );

  layouts
    .command('undo')
    .argument('<store>', 'name, id or path of the store')
    .description("take back the last change of the store's larder.yaml made here")
    .addHelpText('after', examples('larder layouts undo project'))
    .action((name: string) =>
      run(async (context) => {
        const client = await context.client();
        const store = await findStore(context, name);
        const { layout } = await client.call('layouts.undo', { store: store.id }, { signal: context.signal });
        print(
          context,
          () => layout,
          () => `larder.yaml of ${printable(store.name)} is as it was before.\n`,
        );
        return exitCodes.done;
      }),
    );
}
