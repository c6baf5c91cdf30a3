import { describe, expect, it } from 'vitest';
import { larderCommand, quoteArgument } from './command-text.ts';

describe('the same as a command', () => {
  it.each([
    ['persistent_data', 'persistent_data'],
    ['/mnt/big/data-1.2', '/mnt/big/data-1.2'],
    ['aura data', "'aura data'"],
    ["it's", `'it'\\''s'`],
    ['', "''"],
    ['~/x', "'~/x'"],
    ['$(rm -rf /)', "'$(rm -rf /)'"],
    ['caf\udce9', String.raw`$'caf\xe9'`],
    ["a\nb'c\\", String.raw`$'a\x0ab\'c\\'`],
    ['café', "'café'"],
  ])('quotes %j', (argument, text) => {
    expect(quoteArgument(argument)).toBe(text);
  });

  it('leaves out what is not set', () => {
    expect(larderCommand('backup', 'aura data', false, '--format', 'gz', undefined)).toBe(
      "larder backup 'aura data' --format gz",
    );
  });
});
