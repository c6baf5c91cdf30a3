import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/index.ts';

const temporary = temporaryFolder();
afterAll(() => temporary.remove());

/** What runs where mounting does not concern the rest of the machine: mounts, then counts with and without crossing. */
const program = `
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
const [root, engine] = process.argv.slice(1);
const { nodeFs } = await import(engine + '/fs/index.ts');
const { createInlinePool } = await import(engine + '/pool/index.ts');
const { StoreUsage } = await import(engine + '/usage/store-usage.ts');
const run = (...command) => execFileSync(command[0], command.slice(1), { encoding: 'utf8' });
for (const name of ['ram', 'again', 'proc']) fs.mkdirSync(root + '/' + name);
fs.mkdirSync(root + '/data');
fs.writeFileSync(root + '/data/file', Buffer.alloc(50_000, 1));
run('mount', '-t', 'tmpfs', 'tmpfs', root + '/ram');
run('mount', '-t', 'proc', 'proc', root + '/proc');
run('mount', '--bind', root + '/data', root + '/again');
fs.mkdirSync(root + '/ram/deep');
fs.writeFileSync(root + '/ram/deep/file', Buffer.alloc(70_000, 1));
fs.linkSync(root + '/ram/deep/file', root + '/ram/same');
const usage = new StoreUsage({
  context: { fs: nodeFs, pool: createInlinePool(nodeFs), clock: Date.now, log: console },
  store: { id: 'store', path: root },
  onChange() {},
  onLive() {},
});
await usage.count();
const within = usage.summary();
usage.crossMounts = true;
await usage.count();
const across = usage.summary();
const du = (...options) => Number(run('du', '-s', '--block-size=1', ...options, root).split('\\t')[0]);
console.log(JSON.stringify({ within, across, duWithin: du('-x', '--exclude=' + root + '/again'), duAcross: du('--exclude=' + root + '/proc', '--exclude=' + root + '/again') }));
`;

interface Outcome {
  within: Record<string, unknown>;
  across: Record<string, unknown>;
  duWithin: number;
  duAcross: number;
}

/** Why nothing can be mounted here; undefined when something can. */
function cannotMount(): string | undefined {
  try {
    execFileSync('unshare', ['-m', '--', 'mount', '-t', 'tmpfs', 'tmpfs', temporary.path], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `Mounting is not permitted here: ${String(error).split('\n')[0] ?? ''}`;
  }
}

describe('other mounts inside a store', () => {
  it('are counted as du counts them when asked, and left out when not', ({ skip }) => {
    const reason = cannotMount();
    if (reason !== undefined) skip(reason);
    const root = join(fs.realpathSync(temporary.path), 'store');
    fs.mkdirSync(root);
    const engine = new URL('..', import.meta.url).href.replace(/\/$/, '');
    const out = execFileSync(
      'unshare',
      ['-m', '--', process.execPath, '--input-type=module', '-e', program, '--', root, engine],
      { encoding: 'utf8' },
    );
    const { within, across, duWithin, duAcross } = JSON.parse(out) as Outcome;
    expect(within).toMatchObject({ bytes: 50_000, files: 1, allocated: duWithin, mounts: ['again', 'proc', 'ram'] });
    expect(across).toMatchObject({
      bytes: 120_000,
      files: 3,
      allocated: duAcross,
      mounts: ['again', 'proc', 'ram'],
      hardLinks: { names: 1, bytes: 70_000 },
    });
  });
});
