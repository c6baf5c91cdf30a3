/**
 * What a shell offers beside the engine. The renderer is given one; a browser has no native dialogs, so there the
 * interface uses `system.browse` instead.
 */
export interface Host {
  readonly kind: 'desktop' | 'browser';
  /** Native folder dialog; resolves with an absolute path, or undefined when it was closed. Desktop only. */
  readonly pickFolder?: (options: { title: string; defaultPath?: string }) => Promise<string | undefined>;
  /**
   * Native dialog for a file to read (`open`) or to write (`save`, which proposes `name`); resolves as `pickFolder` does.
   * Desktop only.
   */
  readonly pickFile?: (options: PickFileOptions) => Promise<string | undefined>;
  /** Opens the system's file manager at a path of a registered store. Desktop only. */
  readonly revealPath?: (path: string) => Promise<void>;
  /** Actions chosen in the native menu, by action id ("backup.now"); the returned function ends it. Desktop only. */
  readonly onMenuAction?: (listener: (action: string) => void) => () => void;
  /** Ends the session (browser only). */
  readonly signOut?: () => Promise<void>;
}

export interface PickFileOptions {
  readonly title: string;
  readonly mode: 'open' | 'save';
  /** Folder or file to begin at. */
  readonly defaultPath?: string;
  /** Name to begin with, of `save`. */
  readonly name?: string;
}
