import type { HealthCheck, HealthDefinition, HealthStatus } from '../../shared/contract/index.ts';
import type { Change } from './apply.ts';
import type { Base, FactName, Facts, KnownFacts } from './facts.ts';

type WithoutCheck<C> = C extends unknown ? Omit<C, 'check' | 'area'> : never;
export type MendChange = WithoutCheck<Change>;

/** What a safe fix does. */
export interface Mend {
  readonly title: string;
  readonly changes: readonly MendChange[];
  /** More of the same than one plan holds. */
  readonly more?: boolean | undefined;
}

/** One result of a check. */
export interface Finding {
  readonly status: HealthStatus;
  readonly evidence: string;
  readonly area?: string | undefined;
  readonly paths?: HealthCheck['paths'] | undefined;
  readonly command?: string | undefined;
  readonly mend?: Mend | undefined;
  /** Why it cannot be mended here, where a person would expect that it could. */
  readonly cannot?: string | undefined;
}

type Needed<N extends FactName> = { readonly [F in N]: Facts[F] };

/** A check: what it is, what it must know, and what it makes of that. `run` is pure. */
export interface Check<N extends FactName = FactName> extends HealthDefinition {
  readonly needs: readonly N[];
  run(base: Base, facts: Needed<N>): readonly Finding[] | Finding;
}

/** A check as the runner sees it, whatever it needs. */
export interface AnyCheck extends HealthDefinition {
  readonly needs: readonly FactName[];
  /** Every result; `skip` with the reason when something it needs could not be had. */
  evaluate(base: Base, facts: KnownFacts): readonly Finding[];
}

export function defineCheck<N extends FactName>(check: Check<N>): AnyCheck {
  const { needs, run, ...definition } = check;
  return {
    ...definition,
    needs,
    evaluate(base, facts) {
      const needed: Partial<Facts> = {};
      for (const name of needs) {
        const fact = facts[name];
        if (fact === undefined) throw new Error(`${check.id} needs ${name}, which was not gathered.`);
        if ('unknown' in fact) return [{ status: 'skip', evidence: fact.unknown }];
        Object.assign(needed, { [name]: fact.value });
      }
      // All that it names were put there just now.
      const found = run(base, needed as Needed<N>);
      return Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding];
    },
  };
}

export const pass = (evidence: string, rest: Partial<Finding> = {}): Finding => ({ ...rest, status: 'pass', evidence });
export const warn = (evidence: string, rest: Partial<Finding> = {}): Finding => ({ ...rest, status: 'warn', evidence });
export const fail = (evidence: string, rest: Partial<Finding> = {}): Finding => ({ ...rest, status: 'fail', evidence });
export const skip = (evidence: string, rest: Partial<Finding> = {}): Finding => ({ ...rest, status: 'skip', evidence });
