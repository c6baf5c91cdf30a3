import type { Command } from 'commander';
import type {
  AreaBackup,
  AreaCleanup,
  Layout,
  LayoutArea,
  LayoutCandidate,
  LayoutProblem,
  StoreArea,
  StoreLayout,
} from '../../shared/contract/index.ts';
import { absolute, examples, findStore } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { facts, table } from '../table.ts';
import { printable } from '../text.ts';
import { registerLayoutsSet } from './layouts-set.ts';

export function backupText(rule: AreaBackup): string {
  return typeof rule === 'string' ? rule : `last ${rule.recentDays} d`;
}

export function cleanupText(rule: AreaCleanup): string {
  if (typeof rule === 'string') return rule;
  const age = 'olderThanHours' in rule ? `${rule.olderThanHours} h` : `${rule.olderThanDays} d`;
  return `older than ${age}${rule.only === undefined ? '' : ` (${rule.only.map(printable).join(', ')})`}`;
}

function permissionText({
  directoryMode,
  fileMode,
  owner,
}: Pick<Layout, 'directoryMode' | 'fileMode' | 'owner'>): string {
  return [directoryMode, fileMode, owner].filter((each) => each !== undefined).join(' ');
}

function areasTable(areas: readonly (LayoutArea | StoreArea)[]): string {
  const ofStore = areas.some((area) => 'source' in area);
  return table(
    [
      { title: 'AREA' },
      { title: 'ROLE' },
      { title: 'REQUIRED' },
      { title: 'BACKUP' },
      { title: 'CLEANUP' },
      { title: 'PERMISSION' },
      ...(ofStore ? [{ title: 'FROM' }] : []),
    ],
    areas.map((area) => [
      printable(area.id),
      area.role,
      area.required ? 'yes' : '',
      'backupRule' in area
        ? backupText(area.backupRule.rule) + (area.backupRule.from === 'yours' ? ' (yours)' : '')
        : backupText(area.backup),
      cleanupText(area.cleanup),
      permissionText(area),
      'source' in area ? fromText(area) : '',
    ]),
  );
}

function fromText({ source, why, exists }: StoreArea): string {
  const missing = exists ? '' : ', not there';
  return source === 'guess' ? `a guess: ${printable(why ?? '')}` : source + missing;
}

function layoutText(layout: Layout): string {
  const { id, title, summary, root, areas, services, environment } = layout;
  return (
    `${title}  ${id}\n` +
    facts([
      ['what it is', summary],
      ['root', root === '' ? undefined : root],
      ['permission', permissionText(layout) || undefined],
      ['container sees it at', layout.containerRoot],
      ['settings', environment.map(({ name, value }) => `${name}=${value ?? ''}`).join(' ') || undefined],
    ]) +
    (areas.length === 0 ? '' : `\n${areasTable(areas)}`) +
    services
      .map(({ kind, database, collections = [] }) => {
        const kept = collections.map(
          ({ name, keepDays }) => `${name}${keepDays === undefined ? '' : ` ${keepDays} d`}`,
        );
        return `\n${kind}${database === undefined ? '' : ` ${database}`}: ${kept.join(', ')}\n`;
      })
      .join('')
  );
}

export function storeLayoutText(layout: StoreLayout): string {
  const sources = { 'larder.yaml': 'larder.yaml', layout: 'the layout chosen for it', guess: 'guesses' } as const;
  return (
    facts([
      ['layout', layout.layout === undefined ? undefined : `${layout.layout.title}  ${layout.layout.id}`],
      ['areas come from', sources[layout.source]],
      ['permission', permissionText(layout) || undefined],
    ]) +
    `\n${areasTable(layout.areas)}` +
    layout.problems.map((problem) => `\n${problemText(problem)}\n`).join('')
  );
}

function problemText({ line, column, message, hint }: LayoutProblem): string {
  const place = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`;
  return `larder.yaml${place}  ${printable(message)}${hint === undefined ? '' : ` ${printable(hint)}`}`;
}

function candidatesText(path: string, candidates: readonly LayoutCandidate[]): string {
  const shown = candidates.filter(({ score }) => score >= 0.1).slice(0, 5);
  if (shown.length === 0) return `${printable(path)} is of no layout Larder knows.\n`;
  return shown
    .map(
      ({ id, title, score, convincing, speaksFor, speaksAgainst }) =>
        `${title}  ${id}  ${Math.round(score * 100)} %${convincing ? '  would be taken' : ''}\n` +
        facts([
          ['for', speaksFor.map(printable).join('; ') || undefined],
          ['against', speaksAgainst.map(printable).join('; ') || undefined],
        ]),
    )
    .join('\n');
}

/** `larder layouts [list|show|detect|of|set|undo]` */
export function registerLayouts(program: Command, run: Run): void {
  const layouts = program
    .command('layouts')
    .description("the layouts Larder knows, and the areas and rules of a store's own")
    .addHelpText(
      'after',
      examples(
        'larder layouts',
        'larder layouts show stock-prediction-3.4',
        'larder layouts detect ~/project/persistent_data',
        'larder layouts of project',
        'larder layouts set project logs --role log --backup 7d --cleanup 30d',
      ),
    );

  layouts
    .command('list', { isDefault: true })
    .description('list the layouts')
    .addHelpText('after', examples('larder layouts --json'))
    .action(() =>
      run(async (context) => {
        const client = await context.client();
        const { layouts: all } = await client.call('layouts.list', {}, { signal: context.signal });
        print(
          context,
          () => ({ layouts: all.map(layoutJson) }),
          () =>
            table(
              [{ title: 'ID' }, { title: 'TITLE' }, { title: 'AREAS' }, { title: 'WHAT IT IS' }],
              all.map(({ id, title, areas, summary }) => [id, title, String(areas.length), summary]),
            ),
        );
        return exitCodes.done;
      }),
    );

  layouts
    .command('show')
    .argument('<id>', 'id of the layout')
    .description('show the areas and rules of a layout')
    .addHelpText('after', examples('larder layouts show aura'))
    .action((id: string) =>
      run(async (context) => {
        const client = await context.client();
        const layout = await client.call('layouts.show', { id }, { signal: context.signal });
        print(
          context,
          () => layoutJson(layout),
          () => layoutText(layout),
        );
        return exitCodes.done;
      }),
    );

  layouts
    .command('detect')
    .argument('<path>', 'folder to look at')
    .description('which layouts a folder may be of, and why')
    .addHelpText('after', examples('larder layouts detect ~/project/persistent_data'))
    .action((path: string) =>
      run(async (context) => {
        const client = await context.client();
        const found = await client.call(
          'layouts.detect',
          { path: absolute(context, path) },
          { signal: context.signal },
        );
        print(
          context,
          () => ({ ...found, layout: found.layout ?? null }),
          () => candidatesText(found.path, found.candidates),
        );
        return exitCodes.done;
      }),
    );

  layouts
    .command('of')
    .argument('<store>', 'name, id or path of the store')
    .description('the areas of a store with their rules, and where each comes from')
    .addHelpText('after', examples('larder layouts of project'))
    .action((name: string) =>
      run(async (context) => {
        const store = await findStore(context, name);
        const client = await context.client();
        const layout = await client.call('layouts.ofStore', { store: store.id }, { signal: context.signal });
        print(
          context,
          () => layout,
          () => `${printable(store.name)}  ${printable(store.path)}\n${storeLayoutText(layout)}`,
        );
        return exitCodes.done;
      }),
    );

  registerLayoutsSet(layouts, run);
}

function layoutJson({ id, title, root, areas, ...more }: Layout): Record<string, unknown> {
  return { id, title, root, areas, ...more };
}
