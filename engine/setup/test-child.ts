import fs from 'node:fs';
import { join } from 'node:path';
import { setup as contract } from '../../shared/contract/setup.ts';
import { createTestContext } from '../testing/index.ts';
import { createSetup, setupMigrations } from './index.ts';

/**
 * Sets a layout up twice and tests the store, as the user whose number is given (as root, who then gives up being root),
 * or as whoever it is run by. Prints what came of it as JSON. Arguments: layout, then the user's number.
 */
const [layout = '', user] = process.argv.slice(2);
const context = createTestContext({ migrations: setupMigrations });
// Read while everything can be: a checkout may be closed to other users.
context.layouts.list();
const top = join(context.folder, '..');
if (user !== undefined) {
  const uid = Number(user);
  for (const path of ['', ...fs.readdirSync(top, { recursive: true, encoding: 'utf8' })]) {
    fs.chownSync(join(top, path), uid, uid);
  }
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
const setup = createSetup(context, {
  addStore: async ({ path, name, layout: id }) => context.stores.add({ path, name, layout: id ?? undefined }),
  removeStore: (id) => context.stores.remove(id),
});
const call = { signal: new AbortController().signal };
const path = join(context.folder, 'project', 'data');
const input = contract.plan.input.parse({ path, layout });
try {
  const first = await setup.handlers.plan(input, call);
  const { job } = await setup.handlers.apply({ plan: first.plan, register: layout !== 'ted' }, call);
  const applied = await context.job(job);
  const second = await setup.handlers.plan(input, call);
  const tested = layout === 'ted' ? undefined : await context.job((await setup.handlers.test({ path }, call)).job);
  const entries = fs.existsSync(path) ? fs.readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];
  const owners = new Set(entries.map((each) => fs.lstatSync(join(path, each)).uid));
  process.stdout.write(
    JSON.stringify({
      euid: process.geteuid?.(),
      first,
      applied,
      second,
      test: tested?.result,
      entries,
      owners: [...owners],
      stores: context.stores.list(),
    }),
  );
} finally {
  await context.close();
}
