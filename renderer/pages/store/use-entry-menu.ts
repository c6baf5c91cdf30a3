import { Copy, FolderOpen, History, SquareTerminal } from 'lucide-react';
import { useLocation } from 'wouter';
import type { Store, UsageEntry } from '../../../shared/contract/index.ts';
import { pagePaths } from '../../app/paths.ts';
import { useChosenStore } from '../../app/chosen-store.tsx';
import { useCall, useHost } from '../../data/index.ts';
import { copyText, useToast, type MenuItem } from '../../design/index.ts';
import { absolutePath, joinPath } from './folder-view.ts';

/** What can be done with entries of a folder: one, or several that are chosen. */
export function useEntryMenu(
  store: Store,
  folder: string,
  { onOpen, onCommand }: { onOpen: (path: string) => void; onCommand: (path: string) => void },
): (entry: UsageEntry, names: readonly string[]) => MenuItem[] {
  const host = useHost();
  const toast = useToast();
  const [, navigate] = useLocation();
  const { choose } = useChosenStore();
  const backups = useCall('backups.list', {}).data?.backups ?? [];
  const newest = backups
    .filter((backup) => backup.store === store.id && backup.problem === undefined)
    .reduce<(typeof backups)[number] | undefined>(
      (best, backup) => (best === undefined || backup.startedAtMs > best.startedAtMs ? backup : best),
      undefined,
    );
  return (entry, names) => {
    const paths = names.map((name) => joinPath(folder, name));
    const path = joinPath(folder, entry.name);
    const copy: MenuItem = {
      id: 'copy',
      label: names.length === 1 ? 'Copy path' : `Copy ${names.length} paths`,
      icon: Copy,
      run: () => {
        const text = paths.map((each) => absolutePath(store.path, each)).join('\n');
        void copyText(text).then((copied) =>
          toast(
            copied
              ? { tone: 'info', title: names.length === 1 ? 'The path was copied' : 'The paths were copied' }
              : { tone: 'warn', title: 'It could not be copied', text },
          ),
        );
      },
    };
    if (names.length > 1) return [copy];
    const { revealPath } = host;
    return [
      ...(entry.kind === 'dir'
        ? [{ id: 'open', label: 'Open', icon: FolderOpen, run: () => onOpen(path) }, { separator: 'open' }]
        : []),
      copy,
      { id: 'command', label: 'Show as command…', icon: SquareTerminal, run: () => onCommand(path) },
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
    ];
  };
}
