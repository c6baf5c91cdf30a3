import { LarderError } from '../../shared/contract/index.ts';
import type { Clock } from '../context.ts';

const keptPlans = 20;
const keptMs = 30 * 60_000;

/** Plans waiting to be applied: the newest few, for half an hour. Each is applied at most once. */
export class Plans<T> {
  private readonly plans = new Map<string, { readonly plan: T; readonly untilMs: number }>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(id: string, plan: T): void {
    this.forgetOld();
    this.plans.set(id, { plan, untilMs: this.clock() + keptMs });
    for (const oldest of this.plans.keys()) {
      if (this.plans.size <= keptPlans) break;
      this.plans.delete(oldest);
    }
  }

  /** Takes a plan out. Throws `NOT_FOUND` when there is none of that id, or no longer. */
  take(id: string): T {
    this.forgetOld();
    const found = this.plans.get(id);
    if (found === undefined) {
      throw new LarderError('NOT_FOUND', 'That plan is not there any more.', {
        hint: 'A plan is kept for half an hour and applied once. Plan again.',
      });
    }
    this.plans.delete(id);
    return found.plan;
  }

  private forgetOld(): void {
    const now = this.clock();
    for (const [id, { untilMs }] of this.plans) if (untilMs <= now) this.plans.delete(id);
  }
}
