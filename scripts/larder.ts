import { join } from 'node:path';
import { buildIfNeeded } from './build.ts';
import { root } from './root.ts';
import { run } from './run.ts';

/** `npm run -s larder -- …`: the built command, built first when the sources changed. */
const log = console.log;
// stdout belongs to the command.
console.log = console.error;
await buildIfNeeded();
console.log = log;
process.on('SIGINT', () => {
  // The child gets it too and decides; its exit code is ours.
});
process.exitCode = await run(process.execPath, [join(root, 'dist/cli/larder.js'), ...process.argv.slice(2)]);
