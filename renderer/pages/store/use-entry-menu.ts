import {
  Copy,
  Folder,
  FolderOpen,
  HardDrive,
  History,
  Info,
  ShieldCheck,
  ShieldOff,
  SquareTerminal,
  Terminal,
} from 'lucide-react';
import { useLocation } from 'wouter';
import type { Store } from '../../../shared/contract/index.ts';
import { formatQuantity } from '../../../shared/format.ts';
import { displayName } from '../../../shared/path-text.ts';
import { pagePaths } from '../../app/paths.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { useCall, useHost } from '../../data/index.ts';
import { copyText, useToast, type MenuItem } from '../../design/index.ts';
import { globOf } from './exclusion.ts';
import { absolutePath, nameOf, parentOf } from './folder-view.ts';
import { cdCommand } from './terminal-words.ts';
import type { EntryTreeRow } from './tree-rows.ts';
import { useStoreRules } from './use-store-rules.ts';

export interface EntryMenuOptions {
  /** The exclusion that leaves a path out of backups. */
  excludedBy: (path: string) => string | undefined;
  onOpen: (path: string) => void;
  onCommand: (path: string) => void;
  onInspect: (path: string) => void;
}

/** What can be done with entries of a store: one, or several that are chosen. */
export function useEntryMenu(
  store: Store,
  { excludedBy, onOpen, onCommand, onInspect }: EntryMenuOptions,
): (row: EntryTreeRow, paths: readonly string[]) => MenuItem[] {
  const host = useHost();
  const toast = useToast();
  const [, navigate] = useLocation();
  const { choose } = useChosenStore();
  const rules = useStoreRules(store);
  const backups = useCall('backups.list', {}).data?.backups ?? [];
  const newest = backups
    .filter((backup) => backup.store === store.id && backup.problem === undefined)
    .reduce<(typeof backups)[number] | undefined>(
      (best, backup) => (best === undefined || backup.startedAtMs > best.startedAtMs ? backup : best),
      undefined,
    );
  const copy = (text: string, title: string): void =>
    void copyText(text).then((copied) =>
      toast(copied ? { tone: 'info', title } : { tone: 'warn', title: 'It could not be copied', text }),
    );

  /** Leaving out, or taking in again what is left out by its own name. */
  const exclusion = (paths: readonly string[]): MenuItem => {
    const several = paths.length > 1;
    const [first = ''] = paths;
    const what = several ? formatQuantity(paths.length, 'entry', 'entries') : displayName(nameOf(first));
    const own = new Set(store.rules.exclude);
    if (paths.every((path) => own.has(globOf(path)))) {
      return {
        id: 'include',
        label: several ? `Include ${paths.length} in backups again` : 'Include in backups again',
        icon: ShieldCheck,
        run: () => rules.include(paths, what),
      };
    }
    const by = paths.every((path) => excludedBy(path) !== undefined) ? excludedBy(first) : undefined;
    return {
      id: 'exclude',
      label: several ? `Exclude ${paths.length} from backups` : 'Exclude from backups',
      icon: ShieldOff,
      disabled: by !== undefined,
      detail: by === undefined ? undefined : `left out already by ${displayName(by)}`,
      run: () => rules.exclude(paths, what),
    };
  };

  return ({ entry, path }, paths) => {
    const copyPath: MenuItem = {
      id: 'copy',
      label: paths.length === 1 ? 'Copy path' : `Copy ${paths.length} paths`,
      icon: Copy,
      run: () =>
        copy(
          paths.map((each) => absolutePath(store.path, each)).join('\n'),
          paths.length === 1 ? 'The path was copied' : 'The paths were copied',
        ),
    };
    if (paths.length > 1) return [copyPath, { separator: 'exclude' }, exclusion(paths)];
    const { revealPath } = host;
    const isFolder = entry.kind === 'dir' || entry.kind === 'mount';
    return [
      ...(entry.kind === 'dir' ? [{ id: 'open', label: 'Open', icon: Folder, run: () => onOpen(path) }] : []),
      ...(revealPath === undefined
        ? []
        : [
            {
              id: 'reveal',
              label: 'Show in file manager',
              icon: FolderOpen,
              run: () =>
                void revealPath(absolutePath(store.path, path)).catch((error: unknown) =>
                  toast({
                    tone: 'bad',
                    title: 'The file manager did not open',
                    text: error instanceof Error ? error.message : undefined,
                  }),
                ),
            },
          ]),
      { id: 'inspect', label: 'Inspect…', icon: Info, shortcut: 'Alt+Enter', run: () => onInspect(path) },
      ...(entry.kind === 'mount'
        ? [
            {
              id: 'mounts',
              label: 'Count other file systems mounted in this store',
              icon: HardDrive,
              run: () => rules.crossMounts(true),
            },
          ]
        : []),
      { separator: 'copy' },
      copyPath,
      {
        id: 'terminal',
        label: 'Copy terminal command',
        icon: Terminal,
        run: () =>
          copy(cdCommand(absolutePath(store.path, isFolder ? path : parentOf(path))), 'The command was copied'),
      },
      { id: 'command', label: 'Show as command…', icon: SquareTerminal, run: () => onCommand(path) },
      { separator: 'backups' },
      exclusion(paths),
      {
        id: 'restore',
        label: 'Restore older versions…',
        icon: History,
        disabled: newest === undefined,
        detail: newest === undefined ? 'there is no backup of this store yet' : undefined,
        run: () => {
          choose(store.id);
          navigate(pagePaths.restore(newest?.id, path));
        },
      },
    ];
  };
}
