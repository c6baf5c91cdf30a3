import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from '../compose/index.ts';
import { isSystemError, reasonOf } from '../fs/index.ts';
import type { FileSystem } from '../fs/index.ts';
import { defineTask } from '../pool/index.ts';
import { applyChanges } from './apply.ts';
import type { ApplyInput } from './apply.ts';
import { leadsTo } from './env-files.ts';
import type { EnvFile, EnvRules, EnvVariable } from './env-files.ts';
import type { AreaState, BackupFacts } from './facts.ts';
import { lookIntoFiles } from './integrity/index.ts';
import type { Candidate } from './integrity/index.ts';
import type { TreeInput } from './tree-facts.ts';
import { walkTree } from './walk-tree.ts';

export const walkTask = defineTask({
  name: 'health.walk',
  run: (input: TreeInput, { fs, post, throwIfCancelled }) =>
    walkTree(fs, input, { throwIfCancelled, onProgress: (done) => post(done) }),
});

export interface LookInput {
  readonly root: string;
  readonly candidates: readonly Candidate[];
  readonly nowMs: number;
}

export const lookTask = defineTask({
  name: 'health.look',
  run: (input: LookInput, { fs, post, throwIfCancelled }) =>
    lookIntoFiles(fs, input, { throwIfCancelled, onProgress: (done) => post(done) }),
});

export interface AreasInput {
  readonly root: string;
  /** Plain paths; `''` is the root. */
  readonly areas: readonly { readonly path: string; readonly folders: readonly string[] }[];
}

export const areasTask = defineTask({
  name: 'health.areas',
  run: ({ root, areas }: AreasInput, { fs }): AreaState[] =>
    areas.map(({ path, folders }) => {
      const absolute = path === '' ? root : `${root}/${path}`;
      const state = folderState(fs, absolute);
      if (state !== 'folder') return { path, state, missingFolders: [] };
      return {
        path,
        state,
        missingFolders: folders.filter((folder) => folderState(fs, `${absolute}/${folder}`) === 'missing'),
        writable: writable(fs, absolute),
      };
    }),
});

function folderState(fs: FileSystem, path: string): AreaState['state'] {
  try {
    return fs.stat(path).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP') ? 'missing' : 'unreadable';
  }
}

function writable(fs: FileSystem, path: string): NonNullable<AreaState['writable']> {
  try {
    fs.access(path, constants.W_OK | constants.X_OK);
    return 'yes';
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return isSystemError(error, 'EROFS') ? 'read-only' : 'no';
  }
}

export const destinationTask = defineTask({
  name: 'health.destination',
  run: (path: string, { fs }): Omit<BackupFacts['destination'], 'sameDisk'> => {
    const state = folderState(fs, path);
    if (state === 'folder') {
      return { state, writable: writable(fs, path) === 'yes', free: freeAt(fs, path) };
    }
    if (state !== 'missing') {
      const reason = state === 'file' ? 'is not a folder' : 'may not be accessed by this user';
      return { state: 'unusable', reason, writable: false, free: undefined };
    }
    // It is made with the first backup; what counts is where.
    for (let at = dirname(path); ; at = dirname(at)) {
      const above = folderState(fs, at);
      if (above === 'folder') return { state, writable: writable(fs, at) === 'yes', free: freeAt(fs, at) };
      if (above !== 'missing' || at === dirname(at)) return { state, writable: false, free: undefined };
    }
  },
});

function freeAt(fs: FileSystem, path: string): number | undefined {
  try {
    const { bavail, bsize } = fs.statfs(path);
    return Math.max(0, bavail * bsize);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

export interface EnvInput {
  /** Files to read where they are there: path as told, and absolute. */
  readonly files: readonly { readonly path: string; readonly absolute: string; readonly inStore: boolean }[];
  readonly rules: EnvRules;
}

/** Larger than any env file. */
const mostEnvBytes = 1024 * 1024;

export const envTask = defineTask({
  name: 'health.env',
  run({ files, rules }: EnvInput, { fs }): { files: EnvFile[]; unreadable: { path: string; reason: string }[] } {
    const found: EnvFile[] = [];
    const unreadable: { path: string; reason: string }[] = [];
    for (const { path, absolute, inStore } of files) {
      let bytes: Buffer;
      try {
        const { size, isFile } = statOf(fs, absolute);
        if (!isFile) continue;
        if (size > mostEnvBytes) {
          unreadable.push({ path, reason: 'is too large for an env file' });
          continue;
        }
        bytes = fs.readFile(absolute);
      } catch (error) {
        if (!isSystemError(error)) throw error;
        if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) unreadable.push({ path, reason: reasonOf(error) });
        continue;
      }
      const variables = parseEnv(bytes.toString('utf8'), new Map()).map(({ name, value, line }): EnvVariable => {
        const leads = leadsTo({ name, value }, rules);
        switch (leads.to) {
          case 'nowhere':
            return { name, line, leads: { to: 'nowhere' } };
          case 'outside':
            return { name, line, value, leads: { to: 'outside' } };
          case 'store':
            return {
              name,
              line,
              value,
              leads: {
                to: 'store',
                places: leads.places.map((place) => ({ path: place, exists: exists(fs, rules.root, place) })),
              },
            };
        }
      });
      found.push({ path, inStore, variables, digest: createHash('sha256').update(bytes).digest('hex') });
    }
    return { files: found, unreadable };
  },
});

function statOf(fs: FileSystem, path: string): { size: number; isFile: boolean } {
  const stats = fs.stat(path);
  return { size: Number(stats.size), isFile: stats.isFile() };
}

function exists(fs: FileSystem, root: string, path: string): boolean {
  try {
    fs.stat(path === '' ? root : `${root}/${path}`);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

export const applyTask = defineTask({
  name: 'health.apply',
  run: (input: ApplyInput, { fs, throwIfCancelled }) => applyChanges(fs, input, throwIfCancelled),
});

export const healthTasks = [walkTask, lookTask, areasTask, destinationTask, envTask, applyTask];
