import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type { Encryption, Retention, Store, StoreRules } from '../../shared/contract/index.ts';
import { askNewPassphrase } from '../ask-passphrase.ts';
import { remarksOnGlobs } from '../../shared/glob-remarks.ts';
import { absolute, collect, examples, findStore, wholeNumber } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { storeJson } from '../json.ts';
import { facts } from '../table.ts';
import { remarksText } from '../remarks.ts';
import { printable } from '../text.ts';
import { days } from './prune.ts';

interface SetOptions {
  readonly name?: string;
  readonly dest?: string;
  readonly layout?: string;
  readonly exclude?: readonly string[];
  readonly include?: readonly string[];
  readonly area?: readonly (readonly [path: string, rule: AreaRule | undefined])[];
  readonly crossMounts?: boolean;
  readonly selfContained?: boolean;
  readonly rotate?: boolean;
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: number;
  readonly passphrase?: boolean;
  readonly passphraseFile?: string;
  readonly recipient?: readonly string[];
  readonly identity?: string;
  /** False with `--no-encryption`. */
  readonly encryption?: boolean;
}

type AreaRule = StoreRules['areas'][string];

/** `logs=30d`, `cache=never`, `models=always`, `logs=default`. */
function area(
  text: string,
  before: readonly (readonly [string, AreaRule | undefined])[] = [],
): readonly (readonly [string, AreaRule | undefined])[] {
  const at = text.lastIndexOf('=');
  const [path, rule] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || path.startsWith('/') || path.split('/').some((part) => ['', '.', '..'].includes(part))) {
    throw new InvalidArgumentError("It takes FOLDER=RULE with a folder's path in the store, for example logs=30d.");
  }
  if (rule === 'always' || rule === 'never') return [...before, [path, rule]];
  if (rule === 'default') return [...before, [path, undefined]];
  if (!/^\d+[dwmy]$/.test(rule)) {
    throw new InvalidArgumentError('The rule is always, never, default, or an age: logs=30d.');
  }
  return [...before, [path, { recentDays: days(rule) }]];
}

function onOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It takes on or off.');
}

function encryptionOf(
  context: CommandContext,
  options: SetOptions,
  now: Encryption | undefined,
): Encryption | null | undefined {
  const { passphraseFile, recipient, identity, encryption } = options;
  const ways = [
    options.passphrase === true,
    passphraseFile !== undefined,
    recipient !== undefined || identity !== undefined,
    encryption === false,
  ];
  if (ways.filter(Boolean).length > 1) {
    throw new LarderError('INVALID_INPUT', 'Backups are encrypted to a passphrase or to recipients, not both.', {
      hint: 'Give --passphrase, or --passphrase-file, or --recipient with or without --identity, or --no-encryption.',
    });
  }
  if (encryption === false) return null;
  if (passphraseFile !== undefined) return { kind: 'passphrase', passphraseFile: absolute(context, passphraseFile) };
  if (recipient === undefined && identity === undefined) return undefined;
  const recipients = recipient ?? (now?.kind === 'recipients' ? now.recipients : undefined);
  if (recipients === undefined) {
    throw new LarderError('INVALID_INPUT', '--identity only opens backups; it does not say who they are for.', {
      hint: 'Add --recipient age1…',
    });
  }
  return {
    kind: 'recipients',
    recipients: [...recipients],
    ...(identity === undefined ? {} : { identityFile: absolute(context, identity) }),
  };
}

/** The rules as they are with the numbers given put in; undefined when none was given. */
function retentionOf(options: SetOptions, { keepWithinDays, ...now }: Retention): Retention | undefined {
  const { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin } = options;
  const given = { keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly };
  const changed = Object.entries(given).filter(([, value]) => value !== undefined);
  if (changed.length === 0 && keepWithin === undefined) return undefined;
  const within = keepWithin ?? keepWithinDays;
  return { ...now, ...Object.fromEntries(changed), ...(within === undefined ? {} : { keepWithinDays: within }) };
}

function areasOf(options: SetOptions, now: StoreRules['areas']): StoreRules['areas'] | undefined {
  if (options.area === undefined) return undefined;
  const areas = new Map(Object.entries(now));
  for (const [path, rule] of options.area) {
    if (rule === undefined) areas.delete(path);
    else areas.set(path, rule);
  }
  return Object.fromEntries(areas);
}

function excludeOf({ exclude = [], include = [] }: SetOptions, now: readonly string[]): string[] | undefined {
  const unknown = include.filter((glob) => !now.includes(glob));
  if (unknown.length > 0) {
    throw new LarderError('NOT_FOUND', `${unknown.map(printable).join(', ')} is not among what is left out.`, {
      hint: now.length === 0 ? 'Nothing is left out.' : `Left out are: ${now.map(printable).join(', ')}`,
    });
  }
  if (exclude.length === 0 && include.length === 0) return undefined;
  return [...new Set([...now.filter((glob) => !include.includes(glob)), ...exclude])];
}

function without<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function retentionText({ keepWithinDays, ...counts }: Retention): string {
  const kept = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name.replace('keep', '').toLowerCase()} ${count}`);
  const within = keepWithinDays === undefined ? [] : [`within ${keepWithinDays} days`];
  return [...kept, ...within].join(', ') || 'everything';
}

function encryptionText(encryption: Encryption | undefined): string {
  if (encryption === undefined) return 'off';
  if ('kept' in encryption) return 'passphrase that Larder keeps';
  if (encryption.kind === 'passphrase') return `passphrase in ${printable(encryption.passphraseFile)}`;
  const { recipients, identityFile } = encryption;
  const opened = identityFile === undefined ? 'not opened here' : `opened here with ${printable(identityFile)}`;
  return `for ${recipients.length === 1 ? 'one recipient' : `${recipients.length} recipients`}, ${opened}`;
}

function asText({ name, destination, rules, layout }: Store): string {
  const areas = Object.entries(rules.areas).map(
    ([path, rule]) => `${printable(path)} ${typeof rule === 'string' ? rule : `last ${rule.recentDays} days`}`,
  );
  const yes = (on: boolean): string => (on ? 'on' : 'off');
  return (
    `${printable(name)}\n` +
    facts([
      ['backups go to', printable(destination)],
      ['layout', layout ?? 'none chosen'],
      ['left out', rules.exclude.length === 0 ? 'nothing by rule' : rules.exclude.map(printable).join(', ')],
      ['areas', areas.length === 0 ? undefined : areas.join(', ')],
      ['other mounts', rules.crossMounts ? 'counted and backed up' : 'left out'],
      ['self-contained', yes(rules.selfContained)],
      ['kept', retentionText(rules.retention)],
      ['rotated after each backup', yes(rules.rotate)],
      ['encryption', encryptionText(rules.encryption)],
    ])
  );
}

async function typePassphrase(context: CommandContext, { rules: { encryption } }: Store): Promise<string> {
  if (context.terminal.inIsTty && encryption?.kind === 'passphrase') {
    context.terminal.err('Older backups keep the passphrase they were made with. Larder goes on trying it, too.\n');
  }
  return askNewPassphrase(context.terminal, context.signal);
}

async function keepPassphrase(context: CommandContext, { id }: Store, passphrase: string): Promise<Store> {
  const client = await context.client();
  const { store, keeping } = await client.call('secrets.setPassphrase', { store: id, passphrase });
  const where =
    keeping.keptIn === 'keychain' ? keeping.where : `a file that only you can read, in ${printable(keeping.where)}`;
  context.terminal.err(
    `Larder keeps the passphrase in ${where}. Write it down as well: without it nobody can open these backups.\n`,
  );
  return store;
}

/** `larder stores set STORE` */
export function registerStoresSet(stores: Command, run: Run): void {
  const limit = wholeNumber(0, 100_000);
  const flag = (name: string, description: string): Option =>
    new Option(`${name} <on|off>`, description).argParser(onOff);
  stores
    .command('set')
    .argument('<store>', 'name, id or path of the store')
    .option('--name <name>', 'another name')
    .option('--dest <dir>', 'another folder for its backups')
    .option('--layout <id>', 'another layout, or none')
    .option('--exclude <glob>', 'leave this out of backups; may be given again', collect)
    .option('--include <glob>', 'no longer leave this out; may be given again', collect)
    .option(
      '--area <folder=rule>',
      "rule of a folder: always, never, 30d (files changed since), default (its layout's)",
      area,
    )
    .addOption(flag('--cross-mounts', 'count and back up other file systems mounted inside'))
    .addOption(flag('--self-contained', 'every backup holds everything in its own archive'))
    .addOption(flag('--rotate', 'remove what the rules do not keep after each backup'))
    .option('--keep-last <n>', 'keep this many of the newest', limit)
    .option('--keep-hourly <n>', 'keep the newest of this many hours', limit)
    .option('--keep-daily <n>', 'keep the newest of this many days', limit)
    .option('--keep-weekly <n>', 'keep the newest of this many weeks', limit)
    .option('--keep-monthly <n>', 'keep the newest of this many months', limit)
    .option('--keep-yearly <n>', 'keep the newest of this many years', limit)
    .option('--keep-within <age>', 'keep everything younger than this: 30d, 4w, 6m, 1y', days)
    .option('--passphrase', 'encrypt backups with a passphrase typed on the terminal, which Larder keeps')
    .option('--passphrase-file <file>', 'encrypt backups with the passphrase on the first line of this file')
    .option('--recipient <key>', 'encrypt backups for this age public key; may be given again', collect)
    .option('--identity <file>', 'age identity that opens them here')
    .option('--no-encryption', 'encrypt no further backups')
    .description("change a store's name, backup folder or rules; without options, show them")
    .addHelpText(
      'after',
      examples('larder stores set project --exclude "*.tmp" --area logs=30d --keep-last 10 --rotate on'),
    )
    .action((name: string, options: SetOptions) =>
      run(async (context) => {
        const client = await context.client();
        const store = await findStore(context, name);
        const rules = without({
          exclude: excludeOf(options, store.rules.exclude),
          areas: areasOf(options, store.rules.areas),
          crossMounts: options.crossMounts,
          selfContained: options.selfContained,
          rotate: options.rotate,
          retention: retentionOf(options, store.rules.retention),
          encryption: encryptionOf(context, options, store.rules.encryption),
        });
        const change = without({
          name: options.name,
          destination: options.dest === undefined ? undefined : absolute(context, options.dest),
          layout: options.layout === 'none' ? null : options.layout,
          rules: Object.keys(rules).length === 0 ? undefined : rules,
        });
        const typed = options.passphrase === true ? await typePassphrase(context, store) : undefined;
        let changed =
          Object.keys(change).length === 0
            ? store
            : await client.call('stores.update', { store: store.id, ...change }, { signal: context.signal });
        if (typed !== undefined) changed = await keepPassphrase(context, store, typed);
        const remarks = remarksOnGlobs(changed.rules.exclude, changed.path);
        print(
          context,
          () => (remarks.length === 0 ? storeJson(changed) : { ...storeJson(changed), remarks }),
          () => asText(changed) + remarksText(remarks),
        );
        return exitCodes.done;
      }),
    );
}
