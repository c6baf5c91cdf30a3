import { describe, expect, it } from 'vitest';
import { exportProblem, proposedName } from './export-name.ts';

describe('the name of an exported archive', () => {
  const startedAtMs = new Date('2026-03-05T02:00:00').getTime();
  it('is the store and the day', () => {
    expect(proposedName({ storeName: 'persistent_data', startedAtMs, format: 'zst' })).toBe(
      'persistent_data-2026-03-05.tar.zst',
    );
    expect(proposedName({ storeName: ' ../Météo / data ', startedAtMs, format: 'tar' })).toBe(
      'Météo-data-2026-03-05.tar',
    );
    expect(proposedName({ storeName: '///', startedAtMs, format: 'gz' })).toBe('backup-2026-03-05.tar.gz');
  });

  it('must say the format', () => {
    for (const name of ['a.tar', 'a.tar.zst', 'a.tar.gz', 'a.tgz']) expect(exportProblem(name, true)).toBeUndefined();
    for (const name of ['', 'a', 'a.zip', '.tar', 'b/a.tar']) expect(exportProblem(name, true)).toBeDefined();
    expect(exportProblem('a.tar.zst', false)).toMatch(/cannot compress zstd/);
  });
});
