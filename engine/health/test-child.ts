import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { health as contract, setup as setupContract } from '../../shared/contract/index.ts';
import { backupMigrations, createBackups } from '../backup/index.ts';
import { createCompose } from '../compose/index.ts';
import { historyMigrations } from '../history/index.ts';
import { layoutMigrations } from '../layouts/index.ts';
import { createSetup, setupMigrations } from '../setup/index.ts';
import { createTestContext } from '../testing/index.ts';
import { createUsage } from '../usage/index.ts';
import { createHealth, healthMigrations } from './index.ts';

/**
 * Sets a layout up, tests the store, looks at its health, spoils it in ways that can be mended, mends it twice, as the
 * user whose number is given (as root, who then gives up being root), or as whoever it is run by. Prints what came of it
 * as JSON. Arguments: layout, then the user's number.
 */
const [layout = '', user] = process.argv.slice(2);
const context = createTestContext({
  migrations: [...historyMigrations, ...backupMigrations, ...layoutMigrations, ...setupMigrations, ...healthMigrations],
});
// Read while everything can be: a checkout may be closed to other users.
context.layouts.list();
const top = dirname(context.folder);
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
const health = createHealth({
  context,
  usage: createUsage(context),
  backups: createBackups(context),
  compose: createCompose(context),
  jobs: { handlers: { list: () => ({ jobs: [], more: false }), get: unused, cancel: unused } },
  notices: () => [],
  version: '1.0.0',
});
const call = { signal: new AbortController().signal };
const path = join(context.folder, 'project', 'data');

function unused(): never {
  throw new Error('Not asked for.');
}

async function mended(store: string) {
  const plan = contract.fixPlan.output.parse(await health.handlers.fixPlan({ store }, call));
  const { done, skipped, report } = contract.fixApply.output.parse(
    await health.handlers.fixApply({ plan: plan.plan }, call),
  );
  return { changes: plan.changes, cannot: plan.cannot, done, skipped, report };
}

/** A folder removed, one opened to all, one closed, a file of another permission, a variable taken out. */
function spoil(): void {
  const folders = fs
    .readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort();
  const leaves = folders.filter((folder) => fs.readdirSync(folder).length === 0);
  const [first, second] = leaves;
  if (first === undefined || second === undefined) throw new Error('Too few folders.');
  fs.rmdirSync(first);
  fs.chmodSync(second, 0o700);
  fs.chmodSync(path, 0o777);
  const env = ['config/persistent.env', 'persistent.env']
    .map((name) => join(path, name))
    .find((each) => fs.existsSync(each));
  if (env === undefined) throw new Error('There is no env file.');
  fs.writeFileSync(env, fs.readFileSync(env, 'utf8').replace(/^[A-Z_]+=.*\n/m, ''));
  fs.chmodSync(env, 0o600);
}

try {
  const plan = await setup.handlers.plan(setupContract.plan.input.parse({ path, layout }), call);
  const { job } = await setup.handlers.apply({ plan: plan.plan, register: true }, call);
  await context.job(job);
  const tested = await context.job((await setup.handlers.test({ path }, call)).job);
  const [store] = context.stores.list();
  if (store === undefined) throw new Error('No store was added.');
  const fresh = contract.run.output.parse(await health.handlers.run({ store: store.id }, call));
  const nothing = await mended(store.id);
  spoil();
  const spoiled = contract.run.output.parse(await health.handlers.run({ store: store.id }, call));
  const first = await mended(store.id);
  const second = await mended(store.id);
  process.stdout.write(
    JSON.stringify({ euid: process.geteuid?.(), tested: tested.status, fresh, nothing, spoiled, first, second }),
  );
} finally {
  await health.stop?.();
  await context.close();
}
