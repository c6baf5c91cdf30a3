import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Hands a sign-in address to the default browser without naming it on a command line, where every user of the machine
 * could read it: the browser is given a page, in a folder only this user may enter, that goes on to the address.
 *
 * Returns what removes the page.
 */
export async function writeSignInFile(
  folder: string,
  signInUrl: string,
): Promise<{ file: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(folder, 'sign-in-'));
  const file = join(directory, 'open.html');
  const target = signInUrl.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const page = `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${target}">
<title>Larder</title>
<p><a href="${target}">Open Larder</a></p>
`;
  await writeFile(file, page, { mode: 0o600 });
  return { file: pathToFileURL(file).href, remove: () => rm(directory, { recursive: true, force: true }) };
}
