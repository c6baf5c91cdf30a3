import type { Backup } from '../../shared/contract/index.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError } from '../fs/index.ts';
import type { Catalog } from './catalog.ts';

interface Recent {
  readonly backup: Backup;
  readonly destination: string | undefined;
  readonly version: string;
}

const kept = 8;

/**
 * Resolves backups for browsing. Opening folder after folder names the same backup by its id; that one is not looked for
 * in all destinations again while its manifest is untouched.
 */
export class RecentBackups {
  readonly #context: EngineContext;
  readonly #catalog: Catalog;
  #recent: Recent[] = [];

  constructor(context: EngineContext, catalog: Catalog) {
    this.#context = context;
    this.#catalog = catalog;
  }

  async resolve(ref: string, destination?: string): Promise<Backup> {
    const known = this.#recent.find((each) => each.backup.id === ref && each.destination === destination);
    if (known !== undefined && this.#version(known.backup) === known.version) return known.backup;
    const backup = await this.#catalog.resolve(ref, destination);
    const version = this.#version(backup);
    const others = this.#recent.filter((each) => each.backup.id !== backup.id || each.destination !== destination);
    this.#recent = version === undefined ? others : [...others, { backup, destination, version }].slice(-kept);
    return backup;
  }

  #version({ manifest }: Backup): string | undefined {
    try {
      const { size, mtimeNs } = this.#context.fs.stat(manifest);
      return `${size} ${mtimeNs}`;
    } catch (error) {
      // Gone; looking for it anew says so.
      if (isSystemError(error)) return undefined;
      throw error;
    }
  }
}
