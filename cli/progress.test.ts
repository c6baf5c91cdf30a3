import { describe, expect, it } from 'vitest';
import { progressLine } from './progress.ts';
import { makeJob } from './testing/world.ts';
import { displayWidth } from './text.ts';

const job = makeJob({
  status: 'running',
  phase: 'Reading files',
  current: 'models/very/deep/folder/with/weights.safetensors',
  bytesDone: 1_300_000_000,
  bytesTotal: 2_000_000_000,
  filesDone: 12,
  filesTotal: 40,
  bytesPerSecond: 84_000_000,
  remainingMs: 8_300,
});

describe('progressLine', () => {
  it('shows phase, bar, share, bytes, rate, what is left and the path', () => {
    expect(progressLine(job, 140)).toBe(
      'Reading files  █████████████░░░░░░░  65 %  1.2 GiB of 1.9 GiB  80.1 MiB/s  about 10 s left  ' +
        'models/very/deep/folder/with/weights.safetensors',
    );
  });

  it('never takes more than its width, and keeps the share longest', () => {
    for (let columns = 20; columns < 160; columns++) {
      expect(displayWidth(progressLine(job, columns))).toBeLessThanOrEqual(columns);
    }
    expect(progressLine(job, 20)).toBe('Reading files  65 %');
    expect(progressLine(job, 100)).toContain('1.2 GiB of 1.9 GiB');
  });

  it('says what is known while the total is not', () => {
    const { bytesTotal: _bytes, filesTotal: _files, remainingMs: _left, ...rest } = job;
    const line = progressLine({ ...rest, filesDone: 1234, current: 'x\ny'.padEnd(14, 'z') }, 120);
    expect(line).toBe('Reading files  1.2 GiB  1,234 files  80.1 MiB/s  x\\nyzzzzzzzzzzz');
  });

  it('does not count down to what is done', () => {
    expect(progressLine({ ...job, bytesDone: 2_000_000_000 }, 140)).not.toContain('left');
  });

  it('shows a phase alone when nothing is counted yet', () => {
    expect(progressLine(makeJob({ status: 'running', phase: 'Starting' }), 80)).toBe('Starting');
  });
});
