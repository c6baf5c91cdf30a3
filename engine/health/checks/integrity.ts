import { formatBytes, formatQuantity } from '../../../shared/format.ts';
import { pathsOf } from '../bounded.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { AnyCheck, Finding } from '../check.ts';
import type { Family } from '../integrity/index.ts';
import { files, inPart, listed, quoted, shown } from './words.ts';

const restore = (store: string): string => `larder restore latest:${quoted(store)} --dry-run`;

/** A check of the headers of one family of files. */
function wholeness(family: Family, id: string, title: string, what: string, why: string): AnyCheck {
  return defineCheck({
    id,
    group: 'integrity',
    title,
    why,
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['integrity'],
    run({ store }, { integrity: { families, complete } }): Finding {
      const { looked, whole, damaged, unknown } = families[family];
      if (damaged.count > 0) {
        const words = listed(
          damaged.first.map(({ path, reason }) => `${shown(path)} ${reason}`),
          damaged.count,
          2,
        );
        const rest = {
          paths: pathsOf(damaged),
          command: restore(store.name),
          cannot: 'What is lost can only come from a backup or where the file came from.',
        };
        const evidence = `${damaged.count} of ${files(looked)}: ${words}.`;
        // What is in a cache can be made again.
        return damaged.first.length === damaged.count && damaged.first.every(({ role }) => role === 'cache')
          ? warn(evidence, rest)
          : fail(evidence, rest);
      }
      if (!complete)
        return skip(`There are more than are looked into; ${files(whole)} ${whole === 1 ? 'is' : 'are'} whole.`);
      if (looked === 0) return pass(`There are no ${what}.`);
      const doubtful =
        unknown.count === 0
          ? ''
          : ` Of ${files(unknown.count)} it cannot be told: ${listed(
              unknown.first.map(({ path, reason }) => `${shown(path)} ${reason}`),
              unknown.count,
              1,
            )}.`;
      if (whole === 0) return skip(doubtful.trim(), { paths: pathsOf(unknown) });
      return pass(`${files(whole)} whole by header and size.${doubtful}`, { paths: pathsOf(unknown) });
    },
  });
}

export const integrityChecks = [
  wholeness(
    'models',
    'integrity.models',
    'Models are whole',
    'models of a known format',
    'A model that was cut off while it was copied or downloaded loads with an error, or not at all.',
  ),
  wholeness(
    'arrays',
    'integrity.arrays',
    'Arrays and archives are whole',
    'npy, npz, zip or Parquet files',
    'Data that was cut off is noticed only when the training that reads it stops.',
  ),
  wholeness(
    'databases',
    'integrity.databases',
    'Databases are whole',
    'SQLite databases',
    'A database that is shorter than it says has lost pages, and fails when one of them is asked for.',
  ),
  defineCheck({
    id: 'integrity.empty-files',
    group: 'integrity',
    title: 'No empty models',
    why: 'A model, index or array of no bytes is what a full disk or a stopped program leaves behind.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['tree'],
    run({ store }, { tree: { zeroByte, complete } }) {
      if (zeroByte.count === 0) return complete ? pass('None is empty.') : skip(inPart);
      const evidence = `${files(zeroByte.count)} without content: ${listed(
        zeroByte.first.map(({ path }) => shown(path)),
        zeroByte.count,
      )}.`;
      const rest = {
        paths: pathsOf(zeroByte),
        command: restore(store.name),
        cannot: 'What is lost can only come from a backup.',
      };
      return zeroByte.count === zeroByte.first.length && zeroByte.first.every(({ role }) => role === 'cache')
        ? warn(evidence, rest)
        : fail(evidence, rest);
    },
  }),
  defineCheck({
    id: 'integrity.partial-downloads',
    group: 'integrity',
    title: 'No unfinished downloads',
    why: 'They take room, sometimes tens of gigabytes, and no program will ever read them.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree'],
    run(_base, { tree: { partial, complete } }) {
      const { left, leftBytes, running } = partial;
      if (left.count === 0) {
        if (running > 0) return pass(`${formatQuantity(running, 'download is', 'downloads are')} under way.`);
        return complete ? pass('There is none.') : skip(inPart);
      }
      return warn(`${files(left.count)} with ${formatBytes(leftBytes)}, untouched for an hour or more.`, {
        paths: pathsOf(left),
        cannot: 'Nothing is deleted here: start the download again, or remove them.',
      });
    },
  }),
  defineCheck({
    id: 'integrity.immutable',
    group: 'integrity',
    title: 'Files that never change have not',
    why: 'Content that is named by its digest, or downloaded once, is only ever changed by accident, damage or attack.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['immutable'],
    run({ layout, store }, { immutable: { compared, noted, changed } }) {
      if (!layout.areas.some(({ immutable }) => immutable === true))
        return pass('No area of the layout says that its files never change.');
      if (changed.count > 0) {
        const resized = changed.first.filter(({ from, to }) => from.bytes !== to.bytes);
        const [first] = resized.length > 0 ? resized : changed.first;
        const example =
          first === undefined
            ? ''
            : first.from.bytes === first.to.bytes
              ? `${shown(first.path)} was written again`
              : `${shown(first.path)} had ${formatBytes(first.from.bytes)} and has ${formatBytes(first.to.bytes)}`;
        const evidence = `${files(changed.count)} changed: ${example}.`;
        const rest = {
          paths: pathsOf(changed),
          command: `larder diff latest:${quoted(store.name)}`,
          cannot: 'Whether the change was meant is yours to say. It is told for 30 days.',
        };
        return resized.length > 0 ? fail(evidence, rest) : warn(evidence, rest);
      }
      if (compared === 0)
        return noted === 0
          ? pass('There are none yet.')
          : skip(`${files(noted)} seen for the first time: compared from the next run on.`);
      return pass(`${files(compared)} as first seen.`);
    },
  }),
];
