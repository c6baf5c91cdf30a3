import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture, run } from './run.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  '/snap/bin/chromium',
];

/** Path of a Chromium or Chrome on this machine: `LARDER_CHROMIUM` first, then the PATH and the usual places. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['LARDER_CHROMIUM'] ?? '',
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
    ...places,
  ];
  return candidates.find((path) => {
    if (path === '') return false;
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Finds Chromium, or installs Debian's when that is possible here. Undefined, after saying what to do, when it is not. */
export async function ensureChromium(): Promise<string | undefined> {
  const found = findChromium();
  if (found !== undefined) return found;
  const debian = process.platform === 'linux' && (await capture('sh', ['-c', 'command -v apt-get'])).code === 0;
  if (debian && process.getuid?.() === 0) {
    console.log('The tests need Chromium; installing the Debian package …');
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as const, env: { DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '-qq'], { ...quiet, stdio: [...quiet.stdio] });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
      ...quiet,
      stdio: [...quiet.stdio],
    });
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  console.log(
    debian
      ? 'The tests of the interface need Chromium. Install it with: sudo apt-get install chromium'
      : 'The tests of the interface need Chromium or Chrome. Install one, or set LARDER_CHROMIUM to its program.',
  );
  return undefined;
}
