import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { launchDesktop } from './standin/launch.ts';

/** A place where a page broke its content policy. */
export interface Violation {
  readonly directive: string;
  readonly blocked: string;
}

/** One running Larder with its window, whichever shell it is. */
export interface RunningShell {
  readonly page: Page;
  readonly kind: 'desktop' | 'headless';
  readonly violations: () => readonly Violation[];
  /** Answers the next native folder dialog; headless has none. */
  readonly answerFolderDialog: (path: string) => void;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '..');

/** The desktop shell: the built main process behind the stand-in. */
export async function openDesktop(browser: Browser, home: string, userHome: string): Promise<RunningShell> {
  const { page, electron, close } = await launchDesktop({ home, browser, env: { HOME: userHome } });
  return {
    page,
    kind: 'desktop',
    violations: () => electron.violations,
    answerFolderDialog: (path) => electron.answer({ paths: [path] }),
    close,
  };
}

/** The headless shell: the built `larder serve`, signed in to by its printed address. */
export async function openHeadless(browser: Browser, home: string, userHome: string): Promise<RunningShell> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/larder.js'), 'serve', '--port', '0', '--json'], {
    env: { ...process.env, LARDER_HOME: home, HOME: userHome },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('larder serve ended before it was ready.');
    }),
  ])) as [string];
  const { signInUrl } = JSON.parse(line) as { signInUrl: string };
  const context = await browser.newContext();
  const page = await context.newPage();
  const violations: Violation[] = [];
  await page.exposeFunction('larderTestViolation', (violation: Violation) => violations.push(violation));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { larderTestViolation(violation: Violation): void }).larderTestViolation;
      report({ directive: event.effectiveDirective, blocked: event.blockedURI });
    });
  });
  await page.goto(signInUrl);
  return {
    page,
    kind: 'headless',
    violations: () => violations,
    answerFolderDialog: () => {},
    async close() {
      await context.close();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
