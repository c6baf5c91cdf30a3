import { describe, expect, it } from 'vitest';
import { muteUntil, spanOption } from './mute-span.ts';

describe('how long a check is muted', () => {
  it('ends as its command would', () => {
    expect(muteUntil('week', 1_000)).toBe(1_000 + 7 * 86_400_000);
    expect(spanOption('week')).toBe('7d');
    expect(spanOption('quarter')).toBe('90d');
  });

  it('has no end when it is taken back by hand', () => {
    expect(muteUntil('ever', 1_000)).toBeUndefined();
    expect(spanOption('ever')).toBeUndefined();
  });
});
