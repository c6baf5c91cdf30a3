import { defineConfig } from '@playwright/test';

/** The same specs run against both shells; specs in `e2e/` itself are about one shell only. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  projects: [
    { name: 'headless', testDir: './specs', metadata: { shell: 'headless' } },
    { name: 'desktop', testDir: './specs', metadata: { shell: 'desktop' } },
    { name: 'shells', testMatch: ['*.spec.ts'], testIgnore: ['specs/**'] },
  ],
});
