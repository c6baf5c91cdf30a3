import { z } from 'zod';
import { verificationModeSchema } from '../../shared/contract/index.ts';
import type { Verification } from '../../shared/contract/index.ts';
import type { SampleState } from '../archive/index.ts';

/**
 * What is known of a backup's verifications: kept beside the backup, so that another Larder knows it too, and in the
 * database, for destinations that cannot be written to. The two are joined wherever they are read.
 */

const share = z.number().min(0).max(1);
const passedSchema = z.strictObject({ mode: verificationModeSchema, atMs: z.number(), covered: share.optional() });
export const verifiedSchema = z.strictObject({
  /** What found no damage and holds: the last of each mode. */
  passed: z.array(passedSchema).max(verificationModeSchema.options.length),
  /** When damage was last found: what passed before says nothing of what is there since. */
  since: z.number().optional(),
  /** Damage found, and the file names of the archives it lies in. Over once something as thorough passed. */
  damage: passedSchema.extend({ archives: z.array(z.string().max(1_000)).max(10_000) }).optional(),
  /** Where the next sample goes on, and the share that samples have covered since one began anew. */
  sample: z.strictObject({ atMs: z.number(), layout: z.string().max(64), at: z.number(), covered: share }).optional(),
});
export type Verified = z.infer<typeof verifiedSchema>;
type Passed = Verified['passed'][number];

export const nothingVerified: Verified = { passed: [] };

/** What ends damage that was found by what; a sample ends none, as it does not look at all. */
const thoroughness = { written: 0, quick: 1, sample: 2, deep: 2 } as const satisfies Record<Passed['mode'], number>;

function ends(damage: Passed, { mode, atMs }: Passed): boolean {
  return atMs >= damage.atMs && mode !== 'sample' && thoroughness[mode] >= thoroughness[damage.mode];
}

/** How much each proves. Quick looks at every stored byte, a sample at a part until they have covered all. */
function strength({ mode, covered }: Passed): number {
  if (mode === 'sample') return covered === 1 ? 3 : 1;
  return { written: 0, quick: 2, deep: 4 }[mode];
}

export interface Finding {
  readonly verification: Verification;
  /** File names of archives in which damage was found. */
  readonly archives: readonly string[];
  /** Of a sample: where it ended. */
  readonly sample?: SampleState | undefined;
}

/** What is known once a verification has ended. */
export function withFinding(before: Verified, { verification, archives, sample }: Finding): Verified {
  const { mode, atMs, ok, covered } = verification;
  const found: Passed = { mode, atMs, ...(covered === undefined ? {} : { covered }) };
  const state = sample === undefined ? before.sample : { ...sample, atMs, covered: covered ?? 0 };
  const now: Verified = ok ? { passed: [found] } : { passed: [], damage: { ...found, archives: [...archives] } };
  return joined(before, { ...now, ...(state === undefined ? {} : { sample: state }) });
}

/** Both together. Damage that one knows of is not lost, whichever of them is the newer. */
export function joined(a: Verified, b: Verified): Verified {
  const damages = [a.damage, b.damage].filter((damage) => damage !== undefined);
  const found = [a.since, b.since, ...damages.map(({ atMs }) => atMs)].filter((atMs) => atMs !== undefined);
  const since = found.length === 0 ? undefined : Math.max(...found);
  const all = [...a.passed, ...b.passed].sort(newestFirst);
  const lasting = damages.filter((damage) => !all.some((passed) => ends(damage, passed)));
  const passed = all
    .filter(({ atMs }) => atMs >= (since ?? atMs))
    .filter((each, at, kept) => kept.findIndex(({ mode }) => mode === each.mode) === at);
  const [sample] = [a.sample, b.sample].filter((each) => each !== undefined).sort(newestFirst);
  const damage = together(lasting);
  return {
    passed,
    ...(since === undefined ? {} : { since }),
    ...(damage === undefined ? {} : { damage }),
    ...(sample === undefined ? {} : { sample }),
  };
}

/** What is over only when all of it is. */
function together(damages: readonly NonNullable<Verified['damage']>[]): Verified['damage'] {
  const [hardest] = [...damages].sort((a, b) => thoroughness[b.mode] - thoroughness[a.mode] || newestFirst(a, b));
  if (hardest === undefined) return undefined;
  const archives = [...new Set(damages.flatMap((damage) => damage.archives))].sort();
  return { ...hardest, atMs: Math.max(...damages.map(({ atMs }) => atMs)), archives };
}

function newestFirst(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return b.atMs - a.atMs;
}

/** What a list says: damage, else the strongest that holds, and when that was. */
export function shownOf({ passed, damage }: Verified): Verification | undefined {
  if (damage !== undefined) {
    const { archives: _, ...found } = damage;
    return { ...found, ok: false };
  }
  const [best] = [...passed].sort((a, b) => strength(b) - strength(a) || newestFirst(a, b));
  return best === undefined ? undefined : { ...best, ok: true };
}
