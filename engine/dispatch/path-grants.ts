import { dirname, resolve } from 'node:path';
import { LarderError, secretFiles } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { StoreRegistry } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { isInside } from '../stores/index.ts';

/**
 * Which absolute paths a session may name. `any`: a person on a terminal or signed in to the headless server, who could
 * reach the same files anyway. `granted`: a desktop window, which may only name what lies in a registered store, in its
 * backup folder, is a key's file that its rules name, or was chosen in a native dialog.
 */
export class PathGrants {
  private readonly mode: 'any' | 'granted';
  private readonly fs: FileSystem;
  private readonly stores: StoreRegistry;
  private readonly granted = new Set<string>();

  constructor(mode: 'any' | 'granted', fs: FileSystem, stores: StoreRegistry) {
    this.mode = mode;
    this.fs = fs;
    this.stores = stores;
  }

  get unrestricted(): boolean {
    return this.mode === 'any';
  }

  /** Remembers a path that was chosen in a native dialog. */
  grant(path: string): void {
    this.granted.add(this.realOrParent(path));
  }

  /** Throws `PERMISSION` when the session may not name `path`. Compares real paths, at the moment of use. */
  check(path: string): void {
    if (this.mode === 'any') return;
    const real = this.realOrParent(path);
    for (const root of this.granted) if (isInside(root, real)) return;
    for (const store of this.stores.list()) {
      if (isInside(store.path, real) || isInside(store.destination, real)) return;
      // Chosen in an earlier window, and part of what is sent when the rules beside it change.
      if (secretFiles(store.rules).includes(path)) return;
    }
    throw new LarderError('PERMISSION', `${displayName(path)} was not chosen in this window.`, {
      hint: 'Choose the folder with the folder dialog.',
      details: { path },
    });
  }

  /** Real path; of something that does not exist yet, its nearest existing parent's real path and the rest. */
  private realOrParent(path: string): string {
    const absolute = resolve(path);
    try {
      return this.fs.realPath(absolute);
    } catch (error) {
      const parent = dirname(absolute);
      if (!isSystemError(error, 'ENOENT') || parent === absolute) throw toLarderError(error, path);
      return resolve(this.realOrParent(parent), absolute.slice(parent.length).replace(/^[/\\]/, ''));
    }
  }
}
