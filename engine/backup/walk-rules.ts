import type { StoreRules } from '../../shared/contract/index.ts';
import { Globs } from '../../shared/glob.ts';
import { reasons } from './selection.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** What holds below a folder that has a rule of its own. */
export type AreaRule =
  | { readonly kind: 'always' | 'never' }
  | {
      readonly kind: 'recent';
      readonly path: string;
      readonly reason: string;
      /** Files last written before this are left out. */
      readonly sinceNs: bigint;
    };

/** The rules a person gave a store, made ready for asking about each of its paths. */
export class WalkRules {
  readonly #globs: Globs;
  readonly #areas: ReadonlyMap<string, AreaRule>;

  constructor({ exclude, areas }: Pick<StoreRules, 'exclude' | 'areas'>, nowMs: number) {
    this.#globs = new Globs(exclude);
    this.#areas = new Map(
      Object.entries(areas).map(([path, rule]): [string, AreaRule] => {
        if (typeof rule === 'string') return [path, { kind: rule }];
        const sinceNs = BigInt(Math.floor(nowMs - rule.recentDays * dayMs)) * 1_000_000n;
        return [path, { kind: 'recent', path, reason: reasons.notRecent(rule.recentDays), sinceNs }];
      }),
    );
  }

  /** The rule of a folder: its own, or that of the folder it lies in. */
  areaRule(path: string, above: AreaRule | undefined): AreaRule | undefined {
    return this.#areas.get(path) ?? above;
  }

  /** Why a path is left out by a glob, or undefined. */
  exclusion(path: string, isFolder: boolean): string | undefined {
    const glob = this.#globs.match(path, isFolder);
    return glob === undefined ? undefined : reasons.glob(glob);
  }
}
