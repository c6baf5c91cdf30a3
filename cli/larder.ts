import { nodeTooOld } from './node-version.ts';

/**
 * Entry of the `larder` command: looks at the Node it runs on before anything is loaded that an older one does not have.
 * The program itself is therefore an entry of its own (scripts/build.ts), found here by its URL so that no bundler joins
 * the two.
 */
const tooOld = nodeTooOld(process.versions.node);
if (tooOld === undefined) {
  await import(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url).href);
} else {
  if (process.argv.includes('--json')) console.log(JSON.stringify({ error: { code: 'UNSUPPORTED', ...tooOld } }));
  console.error(`error: ${tooOld.message}\n${tooOld.hint}`);
  process.exitCode = 1;
}
