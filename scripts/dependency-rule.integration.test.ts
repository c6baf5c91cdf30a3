import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './root.ts';

/** The dependency rule is only worth something if it refuses: each kind of violation is planted and seen refused. */
describe('dependency rule', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'larder-rule-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function plant(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  function cruise(): { status: number | null; output: string } {
    const folders = ['shared', 'engine', 'electron', 'server', 'cli', 'renderer'];
    for (const name of folders) mkdirSync(join(folder, name), { recursive: true });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        join(root, '.dependency-cruiser.js'),
        ...folders,
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    return { status, output: stdout + stderr };
  }

  it('accepts what it allows', () => {
    plant({
      'shared/a.ts': 'export const a = 1;\n',
      'engine/scan/index.ts': "export { a } from '../../shared/a.ts';\nimport 'node:fs';\n",
      'engine/usage/index.ts': "export { a } from '../scan/index.ts';\n",
      'cli/larder.ts': "export { a } from '../engine/usage/index.ts';\n",
    });
    const { status, output } = cruise();
    expect(output).toContain('no dependency violations found');
    expect(status).toBe(0);
  });

  it.each([
    ['shared-imports-only-zod', { 'shared/a.ts': "import 'node:fs';\n" }],
    ['engine-imports-only-shared', { 'engine/a.ts': "import '../server/b.ts';\n", 'server/b.ts': 'export {};\n' }],
    ['engine-has-no-http', { 'engine/a.ts': "import 'node:http';\n" }],
    ['renderer-imports-only-shared', { 'renderer/a.tsx': "import '../engine/b.ts';\n", 'engine/b.ts': 'export {};\n' }],
    ['renderer-has-no-node', { 'renderer/a.ts': "import 'node:path';\n" }],
    [
      'server-imports-only-engine-and-shared',
      { 'server/a.ts': "import '../electron/b.ts';\n", 'electron/b.ts': 'export {};\n' },
    ],
    [
      'cli-imports-only-engine-server-and-shared',
      { 'cli/a.ts': "import '../electron/b.ts';\n", 'electron/b.ts': 'export {};\n' },
    ],
    [
      'electron-imports-only-engine-and-shared',
      { 'electron/a.ts': "import '../server/b.ts';\n", 'server/b.ts': 'export {};\n' },
    ],
    ['only-electron-imports-electron', { 'server/a.ts': "import 'electron';\n" }],
    [
      'capability-has-one-face',
      { 'engine/usage/index.ts': "import '../scan/walk.ts';\n", 'engine/scan/walk.ts': 'export {};\n' },
    ],
    [
      'product-has-no-tests-in-it',
      { 'engine/a/index.ts': "import '../testing/index.ts';\n", 'engine/testing/index.ts': 'export {};\n' },
    ],
    ['no-cycles', { 'shared/a.ts': "import './b.ts';\n", 'shared/b.ts': "import './a.ts';\n" }],
  ])('refuses a violation of %s', (rule, files) => {
    plant(files);
    const { status, output } = cruise();
    expect(output).toContain(`error ${rule}:`);
    expect(status).not.toBe(0);
  });
});
