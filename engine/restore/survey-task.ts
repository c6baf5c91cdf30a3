import { constants } from 'node:fs';
import type { Skipped } from '../../shared/contract/index.ts';
import { reasonOf } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import type { TaskContext } from '../pool/index.ts';
import { lookBeside } from './beside.ts';
import type { Beside } from './beside.ts';
import { decide } from './decide.ts';
import type { LiveStat, Rule, WantedEntry } from './decide.ts';
import { measureExtra, namesIn, unreadable } from './extras.ts';
import type { Extra } from './extras.ts';
import { digestFile, Folders, lstatOrNothing, nothingThere, stampOf, typeOf } from './live.ts';
import { below, isProtected, parentOf } from './paths.ts';

/** How actions are kept a byte each; `none`: not chosen, `skip`: cannot be restored. */
export const actionNames = ['none', 'create', 'overwrite', 'metadata', 'unchanged', 'keep', 'skip'] as const;
export type ActionName = (typeof actionNames)[number];
export const actionCode = Object.fromEntries(actionNames.map((name, code) => [name, code])) as Record<
  ActionName,
  number
>;

export interface SurveyEntry extends WantedEntry {
  /** A folder only passed through on the way to what was chosen. */
  readonly implied: boolean;
}

export interface SurveyBatch {
  readonly root: string;
  readonly device: bigint;
  readonly entries: readonly SurveyEntry[];
  readonly rule: Rule;
  readonly protectedPaths: readonly string[];
  /** False: only the stamps are wanted, no file is read. */
  readonly compare: boolean;
}

export interface SurveyReply {
  readonly actions: Uint8Array<ArrayBuffer>;
  readonly stamps: Float64Array<ArrayBuffer>;
  /** Why an entry is skipped, by its place in the batch. */
  readonly skipped: readonly { at: number; reason: string }[];
  /** Live folders that something else takes the place of. */
  readonly replaced: readonly { at: number; entries: number; bytes: number }[];
  /** Live files with several names. */
  readonly linked: readonly { at: number; inode: bigint }[];
  /** Folders of the backup where something else is, and stays. */
  readonly blocked: readonly number[];
  /** Files of the backup beside which SQLite left something that does not belong to them. */
  readonly beside: readonly ({ readonly at: number } & Beside)[];
}

const noFollow = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NOFOLLOW ?? 0);

/** Looks at the live side of a batch of entries and decides about each. */
export const surveyTask = defineTask({
  name: 'restore.survey',
  run(batch: SurveyBatch, context: TaskContext): SurveyReply {
    const { fs } = context;
    const folders = new Folders(fs, batch.root, batch.device);
    const protectedPaths = new Set(batch.protectedPaths);
    const count = batch.entries.length;
    const actions = new Uint8Array(count);
    const stamps = new Float64Array(count);
    const skipped: { at: number; reason: string }[] = [];
    const replaced: { at: number; entries: number; bytes: number }[] = [];
    const linked: { at: number; inode: bigint }[] = [];
    const blocked: number[] = [];
    const besides: ({ at: number } & Beside)[] = [];
    const check = (): void => context.throwIfCancelled();

    batch.entries.forEach((entry, at) => {
      check();
      const skip = (reason: string): void => {
        actions[at] = actionCode.skip;
        skipped.push({ at, reason });
      };
      const path = below(batch.root, entry.path);
      try {
        const parent = entry.path === '' ? 'dir' : folders.stateOf(parentOf(entry.path));
        if (parent === 'mount') return skip('Another file system is mounted on the folder it lies in.');
        const stat = parent === 'dir' ? lstatOrNothing(fs, path) : undefined;
        const isFile = parent === 'dir' && entry.type === 'file' && !entry.implied;
        const beside = isFile ? lookBeside(fs, path, entry.path, entry.size) : undefined;
        if (beside !== undefined) besides.push({ at, ...beside });
        if (stat === undefined) {
          actions[at] = actionCode.create;
          stamps[at] = nothingThere;
          return;
        }
        const type = typeOf(stat);
        if (type === 'dir' && stat.dev !== batch.device) return skip('Another file system is mounted here.');
        stamps[at] = stampOf(stat, entry.implied);
        if (entry.implied && type === 'dir') return;
        const live: LiveStat = {
          type,
          size: Number(stat.size),
          mode: Number(stat.mode) & 0o7777,
          uid: Number(stat.uid),
          gid: Number(stat.gid),
          // A database is as new as its WAL.
          mtimeNs:
            batch.rule.overwrite === 'if-newer' && beside !== undefined && beside.newestNs > stat.mtimeNs
              ? beside.newestNs
              : stat.mtimeNs,
          links: Number(stat.nlink),
          ...(type === 'symlink' ? { target: fs.readLink(path) } : {}),
        };
        if (type === 'file' && stat.nlink > 1n) linked.push({ at, inode: stat.ino });
        let decision = decide(entry, live, batch.rule);
        if (decision === 'digest') {
          if (!batch.compare) return;
          decision = decide(entry, { ...live, sha256: digestFile(fs, path, noFollow, check) }, batch.rule);
          if (decision === 'digest') throw new Error('The decision asks for the digest it was given.');
        }
        if (type !== entry.type) {
          if (decision === 'keep' && entry.type === 'dir') blocked.push(at);
          if (decision === 'overwrite' && type === 'dir') {
            const rules = { fs, root: batch.root, device: batch.device, protectedPaths, check };
            const whole = measureExtra(rules, entry.path).extras.find((extra) => extra.path === entry.path);
            if (whole === undefined) {
              return skip('A folder is in its place that holds something a restore does not touch.');
            }
            stamps[at] = whole.stamp;
            replaced.push({ at, entries: whole.entries, bytes: whole.bytes });
          }
        }
        actions[at] = actionCode[decision];
      } catch (error) {
        check();
        skip(`What is there now ${reasonOf(error)}.`);
      }
    });
    return { actions, stamps, skipped, replaced, linked, blocked, beside: besides };
  },
  transfer: (reply) => [reply.actions.buffer, reply.stamps.buffer],
});

export interface ExtrasBatch {
  readonly root: string;
  readonly device: bigint;
  /** Live folders to list. */
  readonly folders: readonly { readonly path: string; readonly known: readonly string[] }[];
  readonly protectedPaths: readonly string[];
}

/** Lists folders of the live tree and measures what in them the backup does not know. */
export const extrasTask = defineTask({
  name: 'restore.extras',
  run(batch: ExtrasBatch, context: TaskContext): { extras: Extra[]; kept: Skipped[] } {
    const { fs } = context;
    const check = (): void => context.throwIfCancelled();
    const rules = {
      fs,
      root: batch.root,
      device: batch.device,
      protectedPaths: new Set(batch.protectedPaths),
      check,
    };
    const folders = new Folders(fs, batch.root, batch.device);
    const extras: Extra[] = [];
    const kept: Skipped[] = [];
    for (const { path, known } of batch.folders) {
      check();
      // The backup may know the folder itself and yet not what is in it: it could not be read, or was left out.
      if (isProtected(rules.protectedPaths, path)) continue;
      let names: string[];
      try {
        if (folders.stateOf(path) !== 'dir') continue;
        names = namesIn(fs, batch.root, path);
      } catch (error) {
        kept.push(unreadable(path, error));
        continue;
      }
      const inBackup = new Set(known);
      for (const name of names) {
        if (inBackup.has(name)) continue;
        const found = measureExtra(rules, path === '' ? name : `${path}/${name}`);
        extras.push(...found.extras);
        kept.push(...found.kept);
      }
    }
    return { extras, kept };
  },
});
