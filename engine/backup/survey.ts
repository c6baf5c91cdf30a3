import { LarderError } from '../../shared/contract/index.ts';
import type { BackupPlan, Store, StoreArea, StoreLayout } from '../../shared/contract/index.ts';
import { displayName } from '../../shared/path-text.ts';
import type { EngineContext } from '../context.ts';
import { isSystemError, toLarderError } from '../fs/index.ts';
import { AreaIndex, inferRole } from '../layouts/index.ts';
import type { EntryBatch } from './entry-codec.ts';
import { kindOfReason, reasons } from './selection.ts';
import { walkTask } from './tasks.ts';
import type { DirectoryIdentity, WalkMessage, WalkOutput } from './walk.ts';
import { copyBytes } from './with-copies.ts';

/** What a store holds right now, as far as a backup goes. */
export interface Survey extends WalkOutput {
  /** Empty when only figures were wanted. */
  readonly batches: readonly EntryBatch[];
  /** By whose rules it goes. */
  readonly layout: StoreLayout;
}

export interface SurveyOptions {
  /** Folders backups are written to; those that exist are left out. */
  readonly destinations: readonly string[];
  readonly entries: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Pick<WalkMessage, 'files' | 'bytes' | 'current'>) => void;
}

/** Walks a store in a pool worker. Throws `NOT_FOUND` or `PERMISSION` when its root cannot be read. */
export async function surveyStore(context: EngineContext, store: Store, options: SurveyOptions): Promise<Survey> {
  const batches: EntryBatch[] = [];
  assertReadable(context, store);
  const layout = await context.layouts.look(store, options.signal);
  const { areas } = layout;
  const named = areas.filter(({ guess }) => guess !== true);
  const input = {
    root: store.path,
    destinations: options.destinations.flatMap((path) => identityOf(context, path) ?? []),
    backupAreas: areas.filter(isForBackups).map(({ path }) => path),
    layoutRules: named.filter((area) => !isForBackups(area)).map(({ path, backup }) => ({ path, rule: backup })),
    areas: named.map(({ path }) => path),
    secrets: identityOf(context, context.secrets.folder),
    rules: store.rules,
    nowMs: context.clock(),
    entries: options.entries,
  };
  const output = await context.pool.run(walkTask, input, {
    signal: options.signal,
    onMessage(message) {
      const { batch, ...progress } = message as WalkMessage;
      if (batch !== undefined) batches.push(batch);
      options.onProgress?.(progress);
    },
  });
  return { ...output, layout, needed: output.needed + copyBytes(output.live), batches };
}

/** Throws unless the store's root is a folder that can be listed. */
export function assertReadable({ fs }: EngineContext, store: Store): void {
  try {
    fs.readDirectory(store.path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      throw new LarderError('NOT_FOUND', `The folder of ${store.name}, ${displayName(store.path)}, is not there.`, {
        hint: 'Check that its disk is connected. If the folder was moved, add it again at its new place.',
        details: { path: store.path },
      });
    }
    throw toLarderError(error, store.path);
  }
}

function isForBackups({ role, backup }: StoreArea): boolean {
  return role === 'backup' && backup === 'never';
}

/** Figures by area as the plan shows them. */
export function includedAreas(survey: Survey): BackupPlan['included'] {
  const index = new AreaIndex(survey.layout.areas);
  return survey.areas
    .filter((area) => area.path !== '' || area.files > 0)
    .map((area) => ({
      ...area,
      role: index.of(area.path)?.role ?? (area.path === '' ? 'other' : inferRole(area.path)),
    }));
}

/** What holds for each area, and the person's own rules for other folders. */
export function areaRules({ layout: { areas } }: Survey, { rules }: Store): BackupPlan['areaRules'] {
  const index = new AreaIndex(areas);
  const others = Object.entries(rules.areas).filter(([path]) => !areas.some((area) => area.path === path));
  return [
    ...areas.map(({ path, role, backupRule }) => ({ path, role, ...backupRule })),
    ...others.map(([path, rule]) => ({
      path,
      role: index.of(path)?.role ?? inferRole(path.split('/')[0] ?? ''),
      rule,
      from: 'yours' as const,
    })),
  ];
}

/** What is left out, with whose rule does it. */
export function excludedAreas(survey: Survey, { rules }: Store): BackupPlan['excluded'] {
  const own = new AreaIndex(Object.keys(rules.areas).map((path) => ({ path })));
  const index = new AreaIndex(survey.layout.areas.filter(({ guess }) => guess !== true));
  const known = {
    exclude: rules.exclude,
    areas: [...Object.values(rules.areas), ...survey.layout.areas.map(({ backup }) => backup)],
  };
  return survey.excluded.map((exclusion) => {
    const { path, reason } = exclusion;
    const kind = kindOfReason(reason, known);
    if (kind.kind !== 'never' && kind.kind !== 'notRecent' && reason !== reasons.backupArea) {
      return { ...exclusion, ...kind };
    }
    const from = own.of(path) !== undefined ? 'yours' : index.of(path) !== undefined ? 'layout' : undefined;
    return { ...exclusion, ...kind, ...(from === undefined ? {} : { from }) };
  });
}

function identityOf(context: EngineContext, path: string): DirectoryIdentity | undefined {
  try {
    const { dev, ino } = context.fs.stat(path);
    return { device: dev, inode: ino };
  } catch (error) {
    // Not made yet, or out of reach: then it is not what the walk comes across either.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
