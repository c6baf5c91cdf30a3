import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run } from './run.ts';

/** How many tests of a suite passed, failed and were skipped. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const none: Totals = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

export function describeTotals(totals: Totals): string {
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  return `${totals.passed} passed, ${totals.failed} failed${skipped}`;
}

/** A check that either holds or does not; it counts as one test. */
async function staticCheck(title: string, command: string, args: readonly string[]): Promise<Totals> {
  const start = performance.now();
  const { code, output } = await capture(command, args);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`);
  if (code !== 0) console.log(output);
  return code === 0 ? { ...none, passed: 1 } : { ...none, failed: 1 };
}

/**
 * Types, lint, format and the dependency rule.
 *
 * @param remember lint and format only what changed since the last time, by file content
 */
export async function staticChecks(remember = false): Promise<Totals> {
  const cache = (tool: string): string[] =>
    remember
      ? ['--cache', '--cache-strategy', 'content', '--cache-location', `node_modules/.cache/larder-${tool}`]
      : [];
  const layers = ['shared', 'engine', 'electron', 'server', 'cli', 'renderer'];
  const first = async (): Promise<Totals> =>
    staticCheck('lint', 'eslint', ['.', '--max-warnings', '0', ...cache('eslint')]);
  const second = async (): Promise<Totals> =>
    [
      await staticCheck('types', process.execPath, ['scripts/typecheck.ts']),
      await staticCheck('dependency rule', 'depcruise', ['--config', '.dependency-cruiser.js', ...layers]),
      await staticCheck('format', 'prettier', ['--check', '--log-level', 'warn', '.', ...cache('prettier')]),
    ].reduce(add);
  return (await Promise.all([first(), second()])).reduce(add);
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numFailedTestSuites: number;
}

/**
 * Unit, property and engine tests.
 *
 * @param quick leaves out those that run whole programs or many real files through the engine (`*.integration.test.ts`)
 */
export async function unitTests(quick = false): Promise<Totals> {
  const chosen = quick ? ['--exclude', '**/*.integration.test.ts'] : [];
  return withReport(async (file) => {
    const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await run('vitest', ['run', ...reports, ...chosen]);
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    const failed =
      report.numFailedTests === 0 && code !== 0 ? Math.max(1, report.numFailedTestSuites) : report.numFailedTests;
    return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
  });
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

/** The built app in a browser, as desktop and headless shell. */
export async function endToEndTests(chromium: string, args: readonly string[] = []): Promise<Totals> {
  return withReport(async (file) => {
    const code = await run(
      'playwright',
      ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json', ...args],
      { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file, LARDER_CHROMIUM: chromium } },
    );
    const { stats } = JSON.parse(readFileSync(file, 'utf8')) as PlaywrightReport;
    const failed = stats.unexpected + stats.flaky;
    return { passed: stats.expected, failed: failed === 0 && code !== 0 ? 1 : failed, skipped: stats.skipped };
  });
}

async function withReport(work: (file: string) => Promise<Totals>): Promise<Totals> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-report-'));
  try {
    return await work(join(folder, 'report.json'));
  } catch (error) {
    console.log(`The suite could not run: ${error instanceof Error ? error.message : String(error)}`);
    return { ...none, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
