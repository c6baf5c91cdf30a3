import { dirname } from 'node:path';
import type { BackupPlan, ParsedInput } from '../../shared/contract/index.ts';
import { remarksOnGlobs } from '../../shared/glob-remarks.ts';
import type { CheckParts } from './check.ts';
import { chosenFormat, pastBackups } from './make.ts';
import { idleSince, withoutIdle } from './idle.ts';
import { openParentFor } from './parent.ts';
import { lookAtPlace } from './place.ts';
import { since } from './since.ts';
import { estimateMs } from './space.ts';
import { areaRules, assertReadable, excludedAreas, includedAreas, surveyStore } from './survey.ts';
import { asIfCopied } from './with-copies.ts';

/** What a backup made right now would hold, leave out and need. Writes nothing; reads no file of the store. */
export async function planBackup(
  parts: CheckParts,
  input: ParsedInput<'backups.plan'>,
  signal: AbortSignal,
): Promise<BackupPlan> {
  const { context, catalog } = parts;
  const store = context.stores.get(input.store);
  const format = chosenFormat(context, input.format);
  assertReadable(context, store);
  const { encryption } = store.rules;
  // So that a recipient or passphrase that is not right is told now.
  if (encryption !== undefined) await context.secrets.recipientsOf(encryption);
  const destination = input.destination ?? store.destination;
  const place = lookAtPlace(context, store, destination);
  const past = await pastBackups(parts, store);
  const opening = openParentFor(parts, { store, past, directory: place.directory, full: input.full, signal });
  // It is opened while the store is listed; should that fail, nobody asks for it any more.
  opening.catch(() => undefined);
  const walked = await surveyStore(context, store, {
    destinations: [destination, ...context.stores.list().flatMap((each) => catalog.destinationsOf(each))],
    entries: past.some(({ manifest }) => dirname(manifest) === place.directory),
    signal,
  });
  const found = await opening;
  const { parent } = found;
  const idle = parent === undefined ? [] : await idleSince(context, store.path, walked.live, parent, signal);
  const survey = asIfCopied(withoutIdle(walked, idle), idle);
  const { unchanged, needed } =
    parent === undefined ? { unchanged: { files: 0, bytes: 0 }, needed: survey.needed } : await since(parent, survey);
  const remarks = remarksOnGlobs(store.rules.exclude, store.path);
  const estimatedMs = estimateMs(survey.bytes - unchanged.bytes, past);
  return {
    store: store.id,
    destination: place.directory,
    format,
    kind: parent === undefined ? 'full' : 'incremental',
    encrypted: encryption !== undefined,
    ...(found.parent === undefined ? { fullBecause: found.fullBecause } : { parent: found.parent.reader.header.id }),
    ...(found.parent !== undefined && found.sealed === true ? { sealed: true } : {}),
    unchanged,
    files: survey.files,
    dirs: survey.dirs,
    bytes: survey.bytes,
    included: includedAreas(survey),
    excluded: excludedAreas(survey, store),
    ...(remarks.length === 0 ? {} : { remarks }),
    areaRules: areaRules(survey, store),
    ...(survey.skipped.length === 0 ? {} : { skipped: survey.skipped.map((skipped) => ({ ...skipped })) }),
    free: place.free,
    needed,
    destinationOnSameDisk: place.onSameDisk,
    ...(estimatedMs === undefined ? {} : { estimatedMs }),
  };
}
