import { join } from 'node:path';
import type { Check } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { defineTask } from '../pool/index.ts';
import { isSystemError, toLarderError, writeFileDurable } from '../fs/index.ts';

/** Proves that a pool worker answers. */
export const echoTask = defineTask<string, string>({ name: 'system.echo', run: (input) => input });

const lowSpaceBytes = 200_000_000;

/** The self-check of the installation: each line was tried, not assumed. */
export async function runDoctor(context: EngineContext, canCompressZstd: boolean): Promise<Check[]> {
  return [
    checkRuntime(),
    checkHome(context),
    checkSpace(context),
    checkDatabase(context),
    await checkWorkers(context),
    checkZstd(canCompressZstd),
    ...context.stores
      .list()
      .flatMap((store) => [
        store.state === 'ok'
          ? pass(`store-${store.id}`, `Store ${store.name}`, `${displayName(store.path)} is there and readable`)
          : fail(
              `store-${store.id}`,
              `Store ${store.name}`,
              store.stateReason ?? 'It cannot be read.',
              'Connect its disk, or remove the store.',
            ),
        checkDestination(context, store.id, store.name, store.destination),
      ]),
  ];
}

function pass(id: string, title: string, evidence: string): Check {
  return { id, title, status: 'pass', evidence };
}

function fail(id: string, title: string, evidence: string, fix?: string): Check {
  return { id, title, status: 'fail', evidence, ...(fix === undefined ? {} : { fix }) };
}

function checkRuntime(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  const evidence = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return major >= 24
    ? pass('runtime', 'Runtime', evidence)
    : fail('runtime', 'Runtime', evidence, 'Larder needs Node 24 or newer; in a checkout, run it with npm.');
}

function checkHome(context: EngineContext): Check {
  const probe = join(context.home, 'write-test');
  try {
    writeFileDurable(context.fs, probe, Buffer.from('larder'));
    const read = context.fs.readFile(probe).toString();
    context.fs.unlink(probe);
    if (read !== 'larder')
      return fail('home', 'Settings folder', `${displayName(context.home)} gave back something else`);
    return pass('home', 'Settings folder', `${displayName(context.home)} can be written and read back`);
  } catch (error) {
    return fail('home', 'Settings folder', toLarderError(error, probe).message, 'Set LARDER_HOME to a folder you own.');
  }
}

function checkSpace(context: EngineContext): Check {
  const { bavail, bsize } = context.fs.statfs(context.home);
  const free = bavail * bsize;
  const evidence = `${Math.floor(free / 1_048_576)} MiB free where Larder keeps its settings`;
  return free >= lowSpaceBytes
    ? pass('space', 'Free space', evidence)
    : { id: 'space', title: 'Free space', status: 'warn', evidence, fix: 'Free some space on this disk.' };
}

function checkDatabase(context: EngineContext): Check {
  const row = context.db.sqlite.prepare('PRAGMA quick_check(1)').get();
  const answer = String(row?.['quick_check']);
  return answer === 'ok'
    ? pass('database', 'Database', 'larder.db is sound')
    : fail('database', 'Database', answer, 'Restart Larder: it sets a damaged database aside by itself.');
}

async function checkWorkers(context: EngineContext): Promise<Check> {
  try {
    const answers = await Promise.all(
      Array.from({ length: context.pool.size }, (_, index) => context.pool.run(echoTask, `worker ${index}`)),
    );
    return pass('workers', 'Workers', `${answers.length} worker threads answer`);
  } catch (error) {
    return fail('workers', 'Workers', toLarderError(error).message, 'Reinstall Larder: its worker file cannot be run.');
  }
}

function checkZstd(available: boolean): Check {
  if (available) return pass('zstd', 'zstd compression', 'This runtime compresses zstd');
  return {
    id: 'zstd',
    title: 'zstd compression',
    status: 'warn',
    evidence: 'This runtime cannot compress zstd; new backups use gzip',
  };
}

function checkDestination(context: EngineContext, id: string, name: string, destination: string): Check {
  const title = `Backup folder of ${name}`;
  const checkId = `destination-${id}`;
  try {
    const probe = join(destination, '.larder-write-test');
    writeFileDurable(context.fs, probe, new Uint8Array());
    context.fs.unlink(probe);
    return pass(checkId, title, `${displayName(destination)} can be written`);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      return {
        id: checkId,
        title,
        status: 'skip',
        evidence: `${displayName(destination)} is made with the first backup`,
      };
    }
    return fail(
      checkId,
      title,
      toLarderError(error, destination).message,
      'Choose another backup folder for the store.',
    );
  }
}
