import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import type { OutputOptions } from 'rolldown';
import { build as viteBuild } from 'vite';
import { root } from './root.ts';

/**
 * Builds everything into `dist/`. Each Node entry is one self-contained file at the same place relative to the others as
 * its source, so that an entry finds another by the same relative URL built and unbuilt (engine/host/entry-url.ts).
 */

interface Entry {
  readonly source: string;
  readonly file: string;
  readonly format: 'es' | 'cjs';
  readonly banner?: string;
}

const entries: readonly Entry[] = [
  { source: 'cli/larder.ts', file: 'cli/larder.js', format: 'es', banner: '#!/usr/bin/env node' },
  { source: 'cli/main.ts', file: 'cli/main.js', format: 'es' },
  { source: 'engine/thread.ts', file: 'engine/thread.js', format: 'es' },
  { source: 'engine/pool-worker.ts', file: 'engine/pool-worker.js', format: 'es' },
  { source: 'electron/main.ts', file: 'electron/main.js', format: 'es' },
  // A sandboxed preload must be one CommonJS file.
  { source: 'electron/preload.ts', file: 'electron/preload.cjs', format: 'cjs' },
];

/** Files read at run time, at the same place below `dist/`. */
const assets = ['engine/layouts/shipped'];

const sourceFolders = ['shared', 'engine', 'electron', 'server', 'cli', 'renderer', 'assets'];
const sourceFiles = ['package.json', 'package-lock.json', 'vite.config.ts', 'scripts/build.ts'];
const stampFile = join(root, 'dist', '.source-digest');

/** Digest over everything the build reads. */
function sourceDigest(): string {
  const hash = createHash('sha256');
  const files = sourceFolders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name)),
    );
  for (const file of [...files, ...sourceFiles.map((name) => join(root, name))].sort()) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/** Whether `dist/` was built from the sources as they are now. */
export function isBuilt(): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourceDigest();
}

async function buildEntry(entry: Entry): Promise<void> {
  const bundle = await rolldown({
    input: join(root, entry.source),
    platform: 'node',
    external: [/^node:/, 'electron', 'fsevents'],
    logLevel: 'warn',
  });
  const output: OutputOptions = {
    file: join(root, 'dist', entry.file),
    format: entry.format,
    codeSplitting: false,
    sourcemap: false,
    ...(entry.banner === undefined ? {} : { banner: entry.banner }),
  };
  await bundle.write(output);
  await bundle.close();
}

/** Builds all of Larder. */
export async function build(): Promise<void> {
  const digest = sourceDigest();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'));
  for (const entry of entries) await buildEntry(entry);
  for (const path of assets) cpSync(join(root, path), join(root, 'dist', path), { recursive: true });
  chmodSync(join(root, 'dist/cli/larder.js'), 0o755);
  await viteBuild({ root: join(root, 'renderer'), configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
  writeFileSync(stampFile, digest);
}

/** Builds when the sources changed since the last build. */
export async function buildIfNeeded(): Promise<void> {
  if (isBuilt()) return;
  console.log('Building Larder …');
  const start = performance.now();
  await build();
  console.log(`Built in ${((performance.now() - start) / 1_000).toFixed(1)} s.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const start = performance.now();
  await build();
  console.log(`Built dist/ in ${((performance.now() - start) / 1_000).toFixed(1)} s.`);
}
