import type { AreaBackup, StoreRules } from '../../shared/contract/index.ts';
import { Globs } from '../../shared/glob.ts';
import { AreaIndex, isAreaAt } from '../../shared/area-path.ts';
import { reasons } from './selection.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** The backup rule of an area as its layout has it. */
export interface LayoutRule {
  /** May have `*` for any part of a name; `''` is the root. */
  readonly path: string;
  readonly rule: AreaBackup;
}

/**
 * What holds below a folder that has a rule of its own. A person's `always` also takes in what would be left out by
 * itself, such as a marked cache; a layout's only says that the rule of a folder above ends here (`in`).
 */
export type AreaRule = { readonly from: 'layout' | 'yours' } & (
  | { readonly kind: 'always' | 'never' | 'in' }
  | {
      readonly kind: 'recent';
      readonly path: string;
      readonly reason: string;
      /** Files last written before this are left out. */
      readonly sinceNs: bigint;
    }
);

/** Later than any file was written: nothing is recent. */
const noTimeNs = 2n ** 100n;

/** The rules of a store, the person's own before its layout's, made ready for asking about each of its paths. */
export class WalkRules {
  readonly #globs: Globs;
  readonly #own: ReadonlyMap<string, AreaBackup>;
  readonly #layout: AreaIndex<LayoutRule>;
  readonly #layoutRules: readonly LayoutRule[];
  readonly #nowMs: number;

  constructor({ exclude, areas }: Pick<StoreRules, 'exclude' | 'areas'>, layout: readonly LayoutRule[], nowMs: number) {
    this.#globs = new Globs(exclude);
    this.#own = new Map(Object.entries(areas));
    this.#layout = new AreaIndex(layout);
    this.#layoutRules = layout;
    this.#nowMs = nowMs;
  }

  /** The rule of a folder: its own, or that of the folder it lies in. A layout says nothing below a person's own rule. */
  areaRule(path: string, above: AreaRule | undefined): AreaRule | undefined {
    const own = this.#own.get(path);
    if (own !== undefined) return this.#ready(path, own, 'yours');
    const ofLayout = above?.from === 'yours' ? undefined : this.#layout.at(path);
    return ofLayout === undefined ? above : this.#ready(path, ofLayout.rule, 'layout');
  }

  /** Why a path is left out by a glob, or undefined. */
  exclusion(path: string, isFolder: boolean): string | undefined {
    const glob = this.#globs.match(path, isFolder);
    return glob === undefined ? undefined : reasons.glob(glob);
  }

  #ready(path: string, rule: AreaBackup, from: AreaRule['from']): AreaRule {
    if (rule === 'always') return { kind: from === 'yours' ? 'always' : 'in', from };
    if (rule === 'never') {
      // With something wanted below, the folder is gone through, and only its own files are left out.
      if (path !== '' && !this.#wantsBelow(path, from)) return { kind: 'never', from };
      return { kind: 'recent', from, path, reason: reasons.never, sinceNs: noTimeNs };
    }
    const sinceNs = BigInt(Math.floor(this.#nowMs - rule.recentDays * dayMs)) * 1_000_000n;
    return { kind: 'recent', from, path, reason: reasons.notRecent(rule.recentDays), sinceNs };
  }

  #wantsBelow(path: string, from: AreaRule['from']): boolean {
    if ([...this.#own].some(([each, rule]) => rule !== 'never' && each.startsWith(`${path}/`))) return true;
    const depth = path.split('/').length;
    return (
      from === 'layout' &&
      this.#layoutRules.some(({ path: area, rule }) => {
        const parts = area.split('/');
        return rule !== 'never' && parts.length > depth && isAreaAt(parts.slice(0, depth).join('/'), path);
      })
    );
  }
}
