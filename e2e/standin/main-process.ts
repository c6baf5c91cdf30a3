import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Channel } from './channel.ts';
import { createElectron } from './electron/index.ts';
import type { ScreenChannel } from './electron/window.ts';

/*
 * The main process: runs the built main script with `electron` replaced, and nothing else.
 * Arguments: the built main script, the project's folder.
 */
const [mainScript, root] = process.argv.slice(2);
if (mainScript === undefined || root === undefined || process.send === undefined) {
  throw new Error('Started by launch.ts only.');
}

const functions: Record<string, (...args: never[]) => unknown> = {};
const screen: ScreenChannel = new Channel(
  {
    send: (message, done) => process.send?.(message, undefined, undefined, done),
    listen: (listener) => process.on('message', listener),
  },
  functions,
);

const electron = createElectron({
  root,
  screen,
  exit(code) {
    void screen.flushed().then(() => process.exit(code));
  },
});
Object.assign(functions, electron.main);
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', () => electron.main.quit());

const key = Symbol.for('larder.standin.electron');
(globalThis as Record<symbol, unknown>)[key] = electron.module;
const exported = Object.keys(electron.module).join(', ');
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context);
    return { url: 'standin:electron', format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    if (url !== 'standin:electron') return next(url, context);
    const source = `export const { ${exported} } = globalThis[Symbol.for('larder.standin.electron')];`;
    return { format: 'module', source, shortCircuit: true };
  },
});

await import(pathToFileURL(mainScript).href);
electron.start();
