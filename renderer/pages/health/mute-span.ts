export type MuteSpan = 'day' | 'week' | 'month' | 'quarter' | 'ever';

const dayMs = 86_400_000;
const days: Readonly<Record<Exclude<MuteSpan, 'ever'>, number>> = { day: 1, week: 7, month: 30, quarter: 90 };

/** As `larder health --for` takes it; undefined: without an end. */
export function spanOption(span: MuteSpan): string | undefined {
  return span === 'ever' ? undefined : `${days[span]}d`;
}

/** When a mute ends; undefined: it is taken back by hand. */
export function muteUntil(span: MuteSpan, nowMs: number): number | undefined {
  return span === 'ever' ? undefined : nowMs + days[span] * dayMs;
}
