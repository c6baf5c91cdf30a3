import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { benchFolder } from './data-set.ts';

/** Folders of this run, removed at its end. */
let built: Promise<string> | undefined;

async function build(): Promise<string> {
  const folder = mkdtempSync(join(benchFolder(), 'built-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bench'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  for (const entry of ['bench/count-child', 'bench/engine-child', 'engine/pool-worker']) {
    const bundle = await rolldown({
      input: fileURLToPath(new URL(`../${entry}.ts`, import.meta.url)),
      platform: 'node',
      external: [/^node:/, 'fsevents'],
      logLevel: 'warn',
    });
    await bundle.write({ file: join(folder, `${entry}.js`), format: 'es', codeSplitting: false });
    await bundle.close();
  }
  // Layouts are data that the engine reads at its start.
  const shipped = 'engine/layouts/shipped';
  cpSync(new URL(`../${shipped}`, import.meta.url), join(folder, shipped), { recursive: true });
  return folder;
}

/**
 * A child process of the benchmark as a person would run it: built. From source the engine's process also holds the
 * TypeScript stripper of Node, some 60 MB that no built Larder has.
 */
export async function builtChild(name: 'count-child' | 'engine-child'): Promise<string> {
  built ??= build();
  return join(await built, `bench/${name}.js`);
}
