/** The part of a `KeyboardEvent` that decides. */
export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** The first key of a two-key shortcut that was pressed, and when. */
export interface Pending {
  key: string;
  atMs: number;
}

/** How long the second key of a two-key shortcut may take. */
export const sequenceMs = 1_200;

export interface ShortcutContext {
  mac: boolean;
  /** The keyboard is in a text field: only shortcuts with Ctrl or Cmd count. */
  typing: boolean;
  nowMs: number;
  pending: Pending | undefined;
}

/** Finds the shortcut a key press completes, or the first half it begins. */
export function matchShortcut(
  press: KeyPress,
  shortcuts: readonly string[],
  context: ShortcutContext,
): { shortcut?: string; pending?: Pending } {
  const mod = context.mac ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  const key = press.key.length === 1 ? press.key.toUpperCase() : press.key;
  if (mod) {
    const found = shortcuts.find((shortcut) => {
      const parts = shortcut.split('+');
      if (parts.length < 2 || parts[0] !== 'Mod') return false;
      return (
        parts.at(-1) === key && parts.includes('Shift') === press.shiftKey && parts.includes('Alt') === press.altKey
      );
    });
    return found === undefined ? {} : { shortcut: found };
  }
  if (context.typing || press.ctrlKey || press.metaKey || press.altKey) return {};
  const { pending } = context;
  if (pending !== undefined && context.nowMs - pending.atMs <= sequenceMs) {
    const found = shortcuts.find((shortcut) => shortcut === `${pending.key} ${key}`);
    if (found !== undefined) return { shortcut: found };
  }
  if (shortcuts.includes(key)) return { shortcut: key };
  return shortcuts.some((shortcut) => shortcut.startsWith(`${key} `)) ? { pending: { key, atMs: context.nowMs } } : {};
}

/** A shortcut as it is printed: "Ctrl K", "⌘K", "G then O". */
export function shortcutText(shortcut: string, mac: boolean): string {
  if (shortcut.includes(' ')) return shortcut.replace(' ', ' then ');
  if (mac) {
    return shortcut.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥');
  }
  return shortcut.replace('Mod', 'Ctrl').replaceAll('+', ' ');
}
