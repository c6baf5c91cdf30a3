import { join } from 'node:path';
import { root } from './root.ts';
import { capture } from './run.ts';

/** Checks the types of every runtime with its own tsconfig, two at a time. Prints what is wrong. */
const projects = ['engine', 'renderer', 'scripts', 'electron', 'server', 'cli', 'shared', 'shared/tsconfig.test.json'];

const waiting = [...projects];

/** Where the compiler remembers what it has seen, so that the next time is shorter. */
function memoryOf(project: string): string {
  return join(root, 'node_modules/.cache/tsc', `${project.replace(/\W/g, '-')}.tsbuildinfo`);
}

/** Takes one project after another; returns what was wrong. */
async function work(): Promise<string[]> {
  const problems: string[] = [];
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
    const { code, output } = await capture('tsc', [
      '-p',
      project,
      '--incremental',
      '--tsBuildInfoFile',
      memoryOf(project),
    ]);
    if (code !== 0) problems.push(`${project}:\n${output}`);
  }
  return problems;
}

const problems = (await Promise.all([work(), work()])).flat();
for (const problem of problems) console.log(problem);
console.log(problems.length > 0 ? 'Types: errors.' : `Types: ${projects.length} projects are sound.`);
process.exitCode = problems.length > 0 ? 1 : 0;
