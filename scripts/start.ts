import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildIfNeeded } from './build.ts';
import { root } from './root.ts';
import { run } from './run.ts';

/**
 * `npm start`: the desktop app where it can run; where it cannot, the same dashboard in a browser, with one line that
 * says why.
 */

function electronBinary(): string | undefined {
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const binary = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

/** Why there can be no window here; undefined when there can. */
function noWindowBecause(): string | undefined {
  if (process.argv.includes('--browser')) return 'You asked for the browser';
  const { platform, env } = process;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'There is no display here';
  // Chromium's sandbox refuses root, and Larder never switches the sandbox off.
  if (platform !== 'win32' && process.getuid?.() === 0) return 'A window cannot be opened as root';
  return undefined;
}

async function fetchElectron(): Promise<void> {
  console.log('Fetching Electron once (about 110 MB) …');
  await run(process.execPath, [join(root, 'node_modules/electron/install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

await buildIfNeeded();

let reason = noWindowBecause();
let binary = electronBinary();
if (reason === undefined && binary === undefined) {
  await fetchElectron();
  binary = electronBinary();
  if (binary === undefined) reason = "Electron's program could not be downloaded";
}

process.on('SIGINT', () => {
  // The child gets it too, ends its work and exits.
});

const rest = process.argv.slice(2).filter((argument) => argument !== '--browser');
if (reason === undefined && binary !== undefined) {
  console.log('Opening Larder …');
  process.exitCode = await run(binary, [root, ...rest]);
} else {
  console.log(`${reason ?? 'There is no window'}, so Larder runs in the browser. Stop it with Ctrl-C.`);
  process.exitCode = await run(process.execPath, [join(root, 'dist/cli/larder.js'), 'serve', ...rest]);
}
