import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFs } from '../fs/index.ts';
import { checkProject } from './check.ts';
import { diskFacts } from './disk.ts';
import { applyEdits } from './edit.ts';
import { DiskReader } from './files.ts';
import type { Finding } from './finding.ts';
import { loadProject } from './load.ts';
import { resolveProject } from './model.ts';
import type { CheckedStore, DiskFacts } from './rules/context.ts';
import { projectFiles } from './run.ts';

/*
 * Each folder of fixtures/ is a project. What is expected stands at the end of the line it is expected at:
 * `# expect: rule service, rule service`, `-` where a finding is of no service. Nothing else may be found.
 */

const fixtures = join(import.meta.dirname, 'fixtures');
const names = readdirSync(fixtures).sort();

interface Told {
  owners?: Record<string, [uid: number, gid: number, mode: string]>;
  fileSystems?: Record<string, ['network' | 'windows' | 'local', string]>;
  store?: CheckedStore;
}

/** Owners and file systems as the fixture says; those of a checkout are anybody's. */
function factsOf({ owners = {}, fileSystems = {} }: Told): DiskFacts {
  const real = diskFacts(nodeFs, 'linux');
  return {
    ...real,
    owner(path) {
      const found = owners[path];
      return found === undefined ? undefined : { uid: found[0], gid: found[1], mode: parseInt(found[2], 8) };
    },
    fileSystem(path) {
      const found = Object.entries(fileSystems).find(([prefix]) => path.startsWith(prefix));
      return found === undefined ? undefined : { kind: found[1][0], type: found[1][1] };
    },
  };
}

function check(name: string, instead?: ReadonlyMap<string, string>) {
  const folder = join(fixtures, name);
  const path = join(folder, 'facts.json');
  const told: Told =
    statSync(path, { throwIfNoEntry: false }) === undefined ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Told);
  const store = told.store === undefined ? undefined : { ...told.store, path: join(folder, told.store.path) };
  const reader = new DiskReader(nodeFs, instead);
  const request = { files: [folder], roots: [], home: '/home/me', platform: 'linux' as const };
  return projectFiles(nodeFs, request).map((files) => {
    const loaded = loadProject({ files, home: '/home/me' }, reader);
    const project = resolveProject(loaded, reader);
    return { project, ...checkProject(project, { facts: factsOf(told), store }) };
  });
}

function linesOf(folder: string): string[] {
  const expected: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name === 'facts.json') continue;
    const file = join(entry.parentPath, entry.name);
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      const said = /# expect: (.*?)\r?$/.exec(line)?.[1];
      for (const each of said?.split(', ') ?? [])
        expected.push(`${file.slice(folder.length + 1)}:${index + 1} ${each}`);
    }
  }
  return expected.sort();
}

const line = (folder: string, rule: string, { spot, service }: Pick<Finding, 'spot' | 'service'>): string =>
  `${spot.file.slice(folder.length + 1)}:${spot.line} ${rule} ${service ?? '-'}`;

describe('compose fixtures', () => {
  it.each(names)('%s', (name) => {
    const folder = join(fixtures, name);
    const results = check(name);
    const found = results.flatMap(({ findings, cannotTell }) => [
      ...findings.map((finding) => line(folder, finding.rule, finding)),
      ...cannotTell.map((each) => line(folder, 'cannot-tell', each)),
    ]);
    // A file that goes over another is checked with it, so what is wrong with the base may come twice.
    const once = results.length > 1 ? [...new Set(found)] : found;
    expect(once.sort()).toEqual(linesOf(folder));
  });

  it('are many, and a third of them without any finding', () => {
    const clean = names.filter((name) => check(name).every(({ findings }) => findings.length === 0));
    expect(names.length).toBeGreaterThanOrEqual(45);
    expect(clean.length).toBeGreaterThanOrEqual(names.length / 3);
  });
});

const finding = ({ rule, service, subject, spot }: Finding): string => [rule, service, subject, spot.file].join(' ');

/** What a new named volume brings with it. */
const ofNewVolumes = new Set(['volume-not-external', 'no-project-name']);
/** What was wrong all along with the mount that data comes back to. */
const revealed: Record<string, string[]> = { 'extends-chain': ['relative-bind', 'shared-data-path'] };

describe('mends', () => {
  it.each(names)('of %s settle what they are for, and nothing new comes up but what the new volume lacks', (name) => {
    for (const { project, findings } of check(name)) {
      for (const each of findings) {
        if (each.mend === undefined) continue;
        const after = new Map<string, string>();
        for (const file of new Set(each.mend.edits.map((edit) => edit.file))) {
          const before = project.loaded.texts.get(file) ?? readFileSync(file, 'utf8');
          const text = applyEdits(
            before,
            each.mend.edits.filter((edit) => edit.file === file),
          );
          expect(text).not.toBe(before);
          keptComments(before, text);
          after.set(file, text);
        }
        // Scripts are looked at on the disk.
        if (each.rule === 'script-removes-volumes') continue;
        const again = check(name, after).find(
          (result) =>
            result.project.loaded.files[0] === project.loaded.files[0] &&
            result.project.loaded.files.length === project.loaded.files.length,
        );
        const left = again?.findings.map(finding) ?? [];
        expect(left).not.toContain(finding(each));
        const known = new Set(findings.map(finding));
        const fresh = again?.findings.filter((one) => !known.has(finding(one))) ?? [];
        const rules = fresh.map(({ rule }) => rule).filter((rule) => !ofNewVolumes.has(rule));
        expect(rules.sort()).toEqual(each.rule === 'data-moved-off-mount' ? (revealed[name] ?? []) : []);
      }
    }
  });
});

/** Every comment stands where it stood, on a line that was otherwise untouched or changed as planned. */
function keptComments(before: string, after: string): void {
  const comments = (text: string): string[] => text.match(/#.*$/gm) ?? [];
  const now = comments(after);
  const gone = comments(before).filter((comment) => !now.includes(comment));
  // A comment goes only with the line that goes.
  expect(gone.length).toBeLessThanOrEqual(
    before.split('\n').length > after.split('\n').length
      ? 1
      : gone.filter((each) => each.includes('data-on-tmpfs')).length,
  );
}
