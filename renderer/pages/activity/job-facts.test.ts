import { describe, expect, it } from 'vitest';
import type { Job, RestoreRecord } from '../../../shared/contract/index.ts';
import { jobFacts, jobLine, nextSteps, pathsIn, problemsIn } from './job-facts.ts';

const job: Job = {
  id: 'j',
  kind: 'backup',
  title: 'Back up data',
  store: 's',
  status: 'done',
  phase: 'Committing',
  bytesDone: 2_048,
  bytesTotal: 2_048,
  filesDone: 3,
  filesTotal: 3,
  bytesPerSecond: 0,
  cancellable: false,
  startedAtMs: 0,
  finishedAtMs: 2_000,
  warningCount: 0,
};
const corrupt = {
  code: 'CORRUPT',
  message: 'The backup a is damaged.',
  retryable: false,
  details: { backup: 'a', problems: [{ archive: '/a', kind: 'digest', message: 'x' }] },
} as const;

describe('facts', () => {
  it('give times, work and outcome, without zeros and without what nobody asked for', () => {
    const result = { id: 'b1', archive: '/b/a.tar.zst', storedBytes: 1_024, reusedBytes: 0, skipped: [] };
    expect(
      jobFacts({ ...job, result })
        .map(({ label, value }) => `${label}: ${value}`)
        .slice(1),
    ).toEqual(['Took: 2.0 s', 'Files: 3', 'Bytes: 2.0 KiB', 'Archive: /b/a.tar.zst', 'Stored: 1.0 KiB']);
  });

  it('name what an export wrote and what a removal freed', () => {
    const shown = (result: Record<string, unknown>): string[] =>
      jobFacts({ ...job, result }).map(({ label, value }) => `${label}: ${value}`);
    expect(shown({ file: '/out/all.tar', storedBytes: 1_024 })).toContain('File: /out/all.tar');
    expect(shown({ removed: ['a'], freed: 2_048 })).toContain('Freed: 2.0 KiB');
  });

  it('say how far it came and where it stopped', () => {
    const facts = jobFacts({ ...job, status: 'cancelled', phase: 'Reading files', filesDone: 1 });
    expect(facts).toContainEqual({ label: 'Stopped at', value: 'Reading files' });
    expect(facts).toContainEqual({ label: 'Files', value: '1 of 3' });
  });
});

describe('the line in the log', () => {
  it('is what it did, or why it stopped', () => {
    expect(jobLine({ ...job, warningCount: 2 })).toBe('took 2.0 s · 3 files · 2.0 KiB · 2 paths skipped');
    expect(jobLine({ ...job, error: corrupt })).toBe('The backup a is damaged.');
  });
});

it('reads what an error names, and nothing from details of another form', () => {
  expect(problemsIn(corrupt)).toHaveLength(1);
  expect(problemsIn(undefined)).toEqual([]);
  expect(pathsIn({ ...corrupt, details: { paths: ['a'] } })).toEqual(['a']);
  expect(pathsIn(corrupt)).toEqual([]);
});

describe('the next step', () => {
  const record: RestoreRecord = {
    id: 'r1',
    backup: 'a',
    target: '/data',
    atMs: 0,
    created: 1,
    overwritten: 0,
    deleted: 0,
    bytes: 1,
    status: 'done',
  };
  const kinds = (changes: Partial<Job>, restores: RestoreRecord[] = []): string[] =>
    nextSteps({ ...job, ...changes }, restores).map(({ kind }) => kind);

  it('after a backup shows it, or tries again', () => {
    expect(kinds({ kind: 'rebuild', result: { id: 'b1' } })).toEqual(['showBackup']);
    expect(kinds({ result: { id: 'b1' } })).toEqual(['showBackup', 'restoreFrom']);
    expect(kinds({ status: 'failed' })).toEqual(['backUp']);
    expect(kinds({ status: 'failed', error: corrupt })).toEqual(['backUp', 'showBackup']);
    expect(kinds({ status: 'running' })).toEqual([]);
  });

  it('after damage leads to the backup and to a new one', () => {
    expect(kinds({ kind: 'verify', status: 'failed', error: corrupt })).toEqual(['showBackup', 'backUp']);
    expect(kinds({ kind: 'verify' })).toEqual([]);
  });

  it('after a restore is Undo for as long as it is possible', () => {
    const restored = { kind: 'restore', result: { id: 'r1' } } as const;
    expect(kinds(restored, [{ ...record, undoUntilMs: 9 }])).toEqual(['undo']);
    expect(kinds(restored, [record])).toEqual([]);
    expect(kinds({ ...restored, status: 'failed' })).toEqual(['planAgain']);
  });

  it('after counting and samples', () => {
    expect(kinds({ kind: 'count', status: 'failed' })).toEqual(['countAgain']);
    expect(kinds({ kind: 'sample' })).toEqual(['showStore']);
  });
});
