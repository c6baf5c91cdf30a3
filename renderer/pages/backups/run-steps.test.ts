import { describe, expect, it } from 'vitest';
import { backupSteps } from './run-steps.ts';

const states = (phase: string, verify = true, rotate = true): string =>
  backupSteps(phase, { verify, rotate })
    .map(({ state }) => state[0])
    .join('');

describe('steps of a backup', () => {
  it('are passed one after the other', () => {
    expect(states('Starting')).toBe('nlllll');
    expect(states('Reading files')).toBe('ddnlll');
    expect(states('Committing')).toBe('dddnll');
    expect(states('Compacting archives')).toBe('dddddn');
  });

  it('are only those that will come, or are there', () => {
    expect(states('Reading files', false, false)).toBe('ddnl');
    expect(states('Verifying', false, false)).toBe('ddddn');
  });

  it('claim nothing where the phase is another', () => {
    expect(states('Cancelling')).toBe('llllll');
  });
});
