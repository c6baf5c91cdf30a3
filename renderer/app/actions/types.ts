import type { LucideIcon } from 'lucide-react';
import type { Host } from '../../../shared/client/index.ts';
import type { Settings, Store } from '../../../shared/contract/index.ts';

/** A window over the page that an action opens. */
export type DialogRequest =
  | { kind: 'palette'; query?: string }
  | { kind: 'shortcuts' }
  | { kind: 'addStore' }
  | { kind: 'discover' }
  | { kind: 'storageTest'; store: Store }
  | { kind: 'backup'; store: Store }
  | { kind: 'rename'; store: Store }
  | { kind: 'destination'; store: Store }
  | { kind: 'storeSettings'; store: Store }
  | { kind: 'forget'; store: Store };

/** What an action may look at and use. */
export interface ActionContext {
  /** The store the page or button is about. */
  readonly store: Store | undefined;
  readonly stores: readonly Store[];
  readonly host: Host;
  /** Patterns of the pages there are. */
  readonly pages: ReadonlySet<string>;
  readonly navigate: (path: string) => void;
  readonly openDialog: (request: DialogRequest) => void;
  readonly setTheme: (theme: Settings['theme']) => void;
  readonly rescan: (store: Store) => void;
  /** Runs the health checks, with the page that shows how far they are. */
  readonly checkHealth: (store: Store) => void;
  readonly signOut: (() => void) | undefined;
  readonly refresh: () => void;
}

/** `false`: it makes no sense here and is not shown. A reason: it is shown and says why it cannot be done now. */
export type Availability = true | false | { because: string };

/**
 * One thing a person can do. Menus, the palette, buttons, keys and the native menu all derive from it.
 */
export interface Action {
  /** Stable; the native menu and tests name it. */
  readonly id: string;
  readonly name: string;
  readonly group: 'Go to' | 'Store' | 'Larder';
  readonly icon: LucideIcon;
  /** `Mod+K` (Ctrl, on a Mac Cmd) or two keys one after the other, `G O`. */
  readonly shortcut?: string;
  /** Further words that find it. */
  readonly keywords?: string;
  /** It is about `context.store`; without one it is offered for each store. */
  readonly perStore?: boolean;
  readonly danger?: boolean;
  readonly available: (context: ActionContext) => Availability;
  readonly run: (context: ActionContext) => void;
}
