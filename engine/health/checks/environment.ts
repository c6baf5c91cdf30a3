import { formatQuantity } from '../../../shared/format.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { EnvVariable } from '../env-files.ts';
import type { Base, Facts } from '../facts.ts';
import { listed, shown } from './words.ts';

const noFile = 'There is no persistent.env or .env in it or beside it.';
const noVariables = 'The layout names no variables.';

/** Where a variable of the layout should lead: more than one place where several services have it. */
function wantedPlaces({ layout }: Base, name: string): string[] {
  return layout.environment.flatMap((each) => (each.name === name && each.path !== undefined ? [each.path] : []));
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

type Trouble = 'outside' | 'nothing' | 'elsewhere';

/** What is wrong with where a variable leads; undefined when nothing is. */
function troubleOf(base: Base, { name, leads }: EnvVariable): Trouble | undefined {
  if (leads.to === 'nowhere') return undefined;
  if (leads.to === 'outside') return 'outside';
  const wanted = wantedPlaces(base, name);
  const isWanted =
    wanted.length === 0 || leads.places.some(({ path }) => wanted.some((folder) => isWithin(path, folder)));
  if (!isWanted) return 'elsewhere';
  // A folder of the layout that is not there yet is told of where folders are looked at.
  if (leads.places.some(({ path, exists }) => exists || wanted.includes(path))) return undefined;
  return 'nothing';
}

/** The file variables of the store belong in. */
export function persistentEnv(env: Facts['env']): Facts['env'][number] | undefined {
  return env.find(({ path, inStore }) => inStore && /(?:^|\/)persistent\.env$/.test(path));
}

export const environmentChecks = [
  defineCheck({
    id: 'environment.points',
    group: 'environment',
    title: 'Variables lead into the store',
    why: 'A service told to write elsewhere, such as inside its container, loses what it wrote with the next deployment.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['env'],
    run(base, { env }) {
      if (env.length === 0) return skip(noFile);
      const all = env.flatMap((file) => file.variables.map((variable) => ({ file, variable })));
      const leading = all.filter(({ variable }) => variable.leads.to !== 'nowhere');
      if (leading.length === 0) return skip('None of their variables is a path of the store.');
      const wrong = leading.flatMap(({ file, variable }) => {
        const trouble = troubleOf(base, variable);
        return trouble === undefined ? [] : [{ trouble, path: file.path, variable }];
      });
      if (wrong.length === 0)
        return pass(`${formatQuantity(leading.length, 'variable')} in ${listed(env.map(({ path }) => shown(path)))}.`);
      const words = wrong.map(({ trouble, variable: { name, value = '' } }) => {
        switch (trouble) {
          case 'outside':
            return `${name} leads out of the store (${shown(value)})`;
          case 'nothing':
            return `${name} leads to nothing (${shown(value)})`;
          case 'elsewhere':
            return `${name} leads to ${shown(value)}, where the layout has ${listed(wantedPlaces(base, name).map(shown))}`;
        }
      });
      const rest = {
        paths: {
          first: wrong.slice(0, 20).map(({ path, variable: { line } }) => `${path}:${line}`),
          more: Math.max(0, wrong.length - 20),
        },
        cannot: 'What a file says is not changed, only added to.',
      };
      const evidence = `${listed(words, words.length, 2)}.`;
      return wrong.some(({ trouble }) => trouble === 'outside') ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
  defineCheck({
    id: 'environment.missing',
    group: 'environment',
    title: 'Variables of the layout are set',
    why: 'Without them a program falls back to its own folder, and what it writes there is in no backup.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['env'],
    run(base, { env }) {
      const wanted = new Map(
        base.layout.environment.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
      );
      if (wanted.size === 0) return skip(noVariables);
      const file = persistentEnv(env);
      if (file === undefined) return skip('There is no persistent.env.');
      const set = new Set(env.flatMap(({ variables }) => variables.map(({ name }) => name)));
      const missing = [...wanted].filter(([name]) => !set.has(name));
      if (missing.length === 0) return pass(`${formatQuantity(wanted.size, 'variable')} set.`);
      return warn(
        `${listed(missing.map(([name]) => name))} ${missing.length === 1 ? 'is' : 'are'} not in ${shown(file.path)}.`,
        {
          paths: { first: [file.path], more: 0 },
          mend: {
            title: `Add ${formatQuantity(missing.length, 'variable')} to ${file.path}`,
            changes: [
              {
                kind: 'append',
                path: file.path,
                from: `without ${listed(missing.map(([name]) => name))}`,
                to: missing.map(([name, value]) => `${name}=${value}`).join(', '),
                digest: file.digest,
                text: missing.map(([name, value]) => `${name}=${value}\n`).join(''),
              },
            ],
          },
        },
      );
    },
  }),
];
