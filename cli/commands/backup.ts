import type { Command } from 'commander';
import type { ArchiveFormat, BackupPlan } from '../../shared/contract/index.ts';
import { formatBytes, formatDuration, formatQuantity } from '../../shared/format.ts';
import { absolute, examples, findStore, oneOf } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodeOfJob, exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { backupResultSchema, readResult, skippedText } from '../job-result.ts';
import { backupJson } from '../json.ts';
import { facts, table } from '../table.ts';
import { remarksText } from '../remarks.ts';
import { printable } from '../text.ts';

interface BackupOptions {
  readonly full?: boolean;
  readonly dest?: string;
  readonly format?: ArchiveFormat;
  readonly note?: string;
  readonly dryRun?: boolean;
}

function planText(plan: BackupPlan): string {
  const right = 'right' as const;
  const included = table(
    [{ title: 'INCLUDED' }, { title: 'ROLE' }, { title: 'FILES', align: right }, { title: 'SIZE', align: right }],
    plan.included.map((area) => [
      printable(area.path === '' ? '(files in the root)' : area.path),
      area.role,
      String(area.files),
      formatBytes(area.bytes),
    ]),
  );
  const excluded = table(
    [{ title: 'LEFT OUT' }, { title: 'WHY' }, { title: 'SIZE', align: right }],
    plan.excluded.map((entry) => [printable(entry.path), printable(entry.reason), formatBytes(entry.bytes)]),
  );
  return (
    `A backup would hold ${formatQuantity(plan.files, 'file')} (${formatBytes(plan.bytes)}).\n` +
    (plan.parent === undefined
      ? ''
      : `${formatQuantity(plan.unchanged.files, 'file')} (${formatBytes(plan.unchanged.bytes)}) did not change ` +
        `since the backup ${plan.parent} and would not be read.\n`) +
    (plan.sealed === true ? 'No key here opens that backup, so what changed would be stored whole.\n' : '') +
    (plan.included.length === 0 ? '' : included) +
    (plan.excluded.length === 0 ? '' : excluded) +
    remarksText(plan.remarks) +
    facts([
      ['destination', printable(plan.destination)],
      ['kind', plan.fullBecause === undefined ? plan.kind : `${plan.kind}, because ${printable(plan.fullBecause)}`],
      ['format', plan.format],
      ['encrypted', plan.encrypted ? 'yes' : undefined],
      ['needs at most', formatBytes(plan.needed)],
      ['free there', formatBytes(plan.free)],
      ['on the same disk', plan.destinationOnSameDisk ? 'yes' : 'no'],
      ['takes about', plan.estimatedMs === undefined ? undefined : formatDuration(plan.estimatedMs)],
    ]) +
    (plan.needed > plan.free ? 'There may not be enough space.\n' : '')
  );
}

/** `larder backup STORE` */
export function registerBackup(program: Command, run: Run): void {
  program
    .command('backup')
    .argument('<store>', 'name, id or path of the store')
    .option('--full', "store everything in this backup's own archive, reusing nothing of earlier ones")
    .option('--dest <dir>', "folder to write to, remembered as one of the store's")
    .addOption(oneOf('--format <format>', 'compression: zst, gz or none (tar)', ['zst', 'gz', 'tar']))
    .option('--note <text>', 'a note to find it by')
    .option('--dry-run', 'only show what would be in it')
    .description('make a backup')
    .addHelpText(
      'after',
      examples('larder backup project --note "before the upgrade"', 'larder backup project --dest /mnt/usb --dry-run'),
    )
    .action((name: string, options: BackupOptions) =>
      run(async (context) => {
        const client = await context.client();
        const store = await findStore(context, name);
        const destination = options.dest === undefined ? {} : { destination: absolute(context, options.dest) };
        const input = {
          store: store.id,
          ...destination,
          ...(options.format === undefined ? {} : { format: options.format }),
          ...(options.full === true ? { full: true } : {}),
        };
        if (options.dryRun === true) {
          const plan = await client.call('backups.plan', input, { signal: context.signal });
          print(
            context,
            () => ({ dryRun: true, ...plan }),
            () => planText(plan),
          );
          return exitCodes.done;
        }
        const { job, warnings } = await followJob(context, (engine) =>
          engine.call('backups.start', {
            ...input,
            ...(options.note === undefined ? {} : { note: options.note }),
          }),
        );
        const { id } = readResult(backupResultSchema, job.result);
        const backup = await client.call('backups.get', { backup: id, ...destination });
        const skipped = backup.skipped.length > 0 ? backup.skipped : warnings;
        print(
          context,
          () => ({ ...backupJson(backup), skipped, status: job.status }),
          () =>
            `Backed up ${printable(store.name)} in ${formatDuration(backup.finishedAtMs - backup.startedAtMs)}.\n` +
            facts([
              ['id', backup.id],
              ['kind', backup.kind],
              ['archive', printable(backup.archive)],
              ['holds', `${formatQuantity(backup.files, 'file')}, ${formatBytes(backup.bytes)}`],
              ['stored', formatBytes(backup.storedBytes)],
              ['reused', backup.reusedBytes === 0 ? undefined : formatBytes(backup.reusedBytes)],
              ['verified', backup.verified?.ok === true ? 'yes' : 'not yet'],
            ]) +
            skippedText(skipped),
        );
        return exitCodeOfJob(job.status);
      }),
    );
}
