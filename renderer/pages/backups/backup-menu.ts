import {
  Copy,
  Download,
  FileSearch,
  GitCompare,
  History,
  PencilLine,
  Pin,
  PinOff,
  ShieldCheck,
  Trash2,
} from 'lucide-react';
import { useLocation } from 'wouter';
import type { Backup, Store } from '../../../shared/contract/index.ts';
import { pagePaths } from '../../app/paths.ts';
import { copyText, useToast, type MenuItem } from '../../design/index.ts';
import { usePin } from '../../features/backups/index.ts';
import { whyNotRemovable } from './backup-figures.ts';

/** A window of the page, about these backups. */
export type BackupWindow =
  { kind: 'verify' | 'export' | 'note'; backup: Backup } | { kind: 'remove'; backups: readonly Backup[] };

export interface BackupMenuParts {
  stores: readonly Store[];
  openWindow: (request: BackupWindow) => void;
}

/** What can be done with one backup; the row's menu and the details offer the same. */
export function useBackupMenu({ stores, openWindow }: BackupMenuParts): (backup: Backup) => MenuItem[] {
  const [, navigate] = useLocation();
  const toast = useToast();
  const pin = usePin();
  return (backup) => {
    const unusable = backup.problem !== undefined;
    const kept = whyNotRemovable([backup], stores);
    const registered = stores.some(({ id }) => id === backup.store);
    return [
      {
        id: 'restore',
        label: 'Restore from this…',
        icon: History,
        disabled: unusable,
        run: () => navigate(pagePaths.restore(backup.id)),
      },
      {
        id: 'verify',
        label: 'Verify…',
        icon: ShieldCheck,
        run: () => openWindow({ kind: 'verify', backup }),
      },
      {
        id: 'compare',
        label: registered ? 'Compare with the live store' : 'Compare',
        detail: registered ? undefined : 'its store is not in Larder',
        icon: GitCompare,
        disabled: unusable || !registered,
        run: () => navigate(pagePaths.compare(backup.id)),
      },
      {
        id: 'export',
        label: 'Export…',
        detail: 'one plain archive',
        icon: Download,
        disabled: unusable,
        run: () => openWindow({ kind: 'export', backup }),
      },
      { separator: 'marks' },
      {
        id: 'pin',
        label: backup.pinned ? 'Unpin' : 'Pin',
        detail: backup.pinned ? undefined : 'rotation never removes it',
        icon: backup.pinned ? PinOff : Pin,
        run: () => pin([backup], !backup.pinned),
      },
      { id: 'note', label: 'Edit note…', icon: PencilLine, run: () => openWindow({ kind: 'note', backup }) },
      {
        id: 'copy',
        label: 'Copy the archive’s path',
        icon: Copy,
        run: () =>
          void copyText(backup.archive).then((copied) =>
            toast(
              copied
                ? { tone: 'info', title: 'The path was copied' }
                : { tone: 'warn', title: 'The path could not be copied', text: backup.archive },
            ),
          ),
      },
      { separator: 'remove' },
      {
        id: 'remove',
        label: 'Remove…',
        detail: kept,
        icon: Trash2,
        danger: true,
        disabled: kept !== undefined,
        run: () => openWindow({ kind: 'remove', backups: [backup] }),
      },
    ];
  };
}

/** The menu with what only a row needs. */
export function rowMenu(items: MenuItem[], open: () => void): MenuItem[] {
  return [{ id: 'details', label: 'Show details', icon: FileSearch, run: open }, { separator: 'details' }, ...items];
}
