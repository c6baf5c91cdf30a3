import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { isLarderError, LarderError } from '../../shared/contract/index.ts';
import type { Backup } from '../../shared/contract/index.ts';
import { formatBytes, formatDateTime, formatPercent, formatQuantity } from '../../shared/format.ts';
import { absolute, backupReference, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult, verifyResultSchema } from '../job-result.ts';
import type { VerifyResult } from '../job-result.ts';
import { printable } from '../text.ts';

interface VerifyOptions {
  readonly deep?: boolean;
  readonly sample?: number;
  readonly dest?: string;
}

/** A share in percent, above 0 and up to 100. */
function percent(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError('It takes a number above 0 and up to 100.');
}

function destinationOf(context: CommandContext, { dest }: VerifyOptions): { destination?: string } {
  return dest === undefined ? {} : { destination: absolute(context, dest) };
}

/** `latest` is the newest that can be used; that a newer one cannot is what the person would want to know. */
async function warnOfNewer(context: CommandContext, meant: Backup, where: { destination?: string }): Promise<void> {
  const client = await context.client();
  const scope = meant.store === undefined ? where : { store: meant.store, ...where };
  const { backups } = await client.call('backups.list', scope, { signal: context.signal });
  for (const { id, finishedAtMs, problem } of backups) {
    if (problem === undefined || finishedAtMs <= meant.finishedAtMs) continue;
    const message = `The newer backup ${id} cannot be used: ${problem}`;
    const { terminal, options } = context;
    if (options.jsonLines) terminal.err(`${JSON.stringify({ type: 'notice', level: 'warn', message })}\n`);
    else terminal.err(`note: ${printable(message)}\n`);
  }
}

function asText(
  backup: Backup,
  { ok, checkedBytes, checkedFiles, problems, covered }: VerifyResult,
  files: boolean,
): string {
  const name = `The backup ${backup.id} of ${formatDateTime(backup.finishedAtMs)}`;
  const checked = files
    ? `${formatQuantity(checkedFiles, 'file')}, ${formatBytes(checkedBytes)}`
    : formatBytes(checkedBytes);
  if (ok && covered !== undefined) {
    return `${name}: no damage found (${checked} checked; the samples so far cover ${formatPercent(covered, 1)}).\n`;
  }
  if (ok) return `${name} is whole (${checked} checked${files ? ', every file' : ''}).\n`;
  const lines = problems.map(({ path, archive, message }) => {
    const [where, what] = [printable(path ?? archive), printable(message)];
    return what.includes(where) ? `  ${what}\n` : `  ${where}: ${what}\n`;
  });
  return `${name} is damaged: ${formatQuantity(problems.length, 'problem')} (${checked} checked).\n${lines.join('')}`;
}

/** `larder verify BACKUP` */
export function registerVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .option('--deep', "also decompress and check every file's digest")
    .option('--sample <percent>', 'check the files in so much of it, going on where the last sample ended', percent)
    .option('--dest <dir>', 'look for it in this folder')
    .description("check that a backup is whole: its structure and every stored byte's digest")
    .addHelpText(
      'after',
      examples('larder verify latest:project', 'larder verify 20261120 --deep', 'larder verify latest --sample 10'),
    )
    .action((reference: string, options: VerifyOptions) =>
      run(async (context) => {
        const { deep = false, sample } = options;
        if (deep && sample !== undefined) {
          throw new LarderError('INVALID_INPUT', 'A verification is either deep or a sample.', {
            hint: 'Leave out --deep or --sample.',
          });
        }
        const input = {
          backup: await backupReference(context, reference),
          mode: deep ? ('deep' as const) : sample === undefined ? ('quick' as const) : ('sample' as const),
          ...(sample === undefined ? {} : { percent: sample }),
          ...destinationOf(context, options),
        };
        const client = await context.client();
        const { backup, ...where } = { backup: input.backup, ...destinationOf(context, options) };
        const meant = await client.call('backups.get', { backup, ...where }, { signal: context.signal });
        if (reference.startsWith('latest')) await warnOfNewer(context, meant, where);
        const result = await followJob(context, (engine) => engine.call('backups.verify', input)).then(
          ({ job }) => readResult(verifyResultSchema, job.result),
          (error: unknown) => {
            // Damage ends the job as failed; what was found is in the error's details.
            const found = isLarderError(error, 'CORRUPT') ? verifyResultSchema.safeParse(error.details) : undefined;
            if (found?.success === true) return found.data;
            throw error;
          },
        );
        const { ok, checkedBytes, checkedFiles, problems, covered } = result;
        print(
          context,
          () => ({ backup: meant.id, ok, checkedBytes, checkedFiles, problems, covered }),
          () => asText(meant, result, deep || sample !== undefined),
        );
        return ok ? exitCodes.done : exitCodes.damaged;
      }),
    );
}
