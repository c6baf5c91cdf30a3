import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import type { CspViolation } from './page-window.ts';

/** The real desktop shell as far as a test can drive it like the stand-in's. */
export interface RealDesktop {
  readonly page: Page;
  readonly application: ElectronApplication;
  /** Policy violations that Chromium reported on the console. */
  readonly violations: () => readonly CspViolation[];
  /** What the next native folder dialog is answered with. */
  answerFolderDialog(path: string): Promise<void>;
  close(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

/** The program of Electron, or why the real shell cannot be run here. Fetches nothing. */
export function findElectron(): { readonly program: string } | { readonly unavailable: string } {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules', 'electron', 'dist');
  const pathFile = join(root, 'node_modules', 'electron', 'path.txt');
  if (!existsSync(pathFile)) return { unavailable: 'Electron’s program is not on this machine.' };
  const program = join(folder, readFileSync(pathFile, 'utf8').trim());
  if (!existsSync(program)) return { unavailable: 'Electron’s program is not on this machine.' };
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { unavailable: 'There is no display.' };
  }
  // The sandbox stays on, and it refuses root.
  if (process.platform !== 'win32' && process.getuid?.() === 0)
    return { unavailable: 'Electron does not run as root.' };
  return { program };
}

/** Runs the built desktop shell in the real Electron. */
export async function launchRealElectron(options: {
  readonly program: string;
  readonly home: string;
  readonly env?: Record<string, string>;
}): Promise<RealDesktop> {
  const environment = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const application = await _electron.launch({
    executablePath: options.program,
    args: [root],
    cwd: root,
    chromiumSandbox: true,
    env: { ...Object.fromEntries(environment), LARDER_HOME: options.home, ...options.env },
  });
  const page = await application.firstWindow();
  const violations: CspViolation[] = [];
  page.on('console', (message) => {
    const text = message.text();
    if (!/Content Security Policy/i.test(text)) return;
    violations.push({ directive: /directive: "([^" ]+)/.exec(text)?.[1] ?? '', blocked: '', sample: text });
  });
  return {
    page,
    application,
    violations: () => violations,
    async answerFolderDialog(path) {
      await application.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
      }, path);
    },
    close: () => application.close(),
  };
}
