import { describe, expect, it } from 'vitest';
import { LarderError } from '../../shared/contract/index.ts';
import { errorData } from './errors.ts';
import { shouldRetry } from './query.ts';

describe('errors', () => {
  it('shows what the engine said as it is', () => {
    const error = new LarderError('NO_SPACE', '/mnt/x is full.', { hint: 'Free some space.' });
    expect(errorData(error)).toEqual({
      code: 'NO_SPACE',
      message: '/mnt/x is full.',
      hint: 'Free some space.',
      retryable: false,
    });
  });

  it('never shows a stack', () => {
    expect(errorData(new TypeError('x is undefined'))).toMatchObject({ code: 'INTERNAL', hint: 'x is undefined' });
    expect(errorData('thrown text')).toMatchObject({ code: 'INTERNAL', hint: 'Try again.' });
  });

  it('tries again by itself only what may go well, and not for ever', () => {
    const busy = new LarderError('BUSY', 'Another job holds it.');
    expect(shouldRetry(0, busy)).toBe(true);
    expect(shouldRetry(2, busy)).toBe(false);
    expect(shouldRetry(0, new LarderError('NOT_FOUND', 'It is not there.'))).toBe(false);
    expect(shouldRetry(0, new TypeError('x'))).toBe(false);
  });
});
