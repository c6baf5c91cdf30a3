import type { Command } from 'commander';
import { isLarderError } from '../../shared/contract/index.ts';
import { formatBytes, formatQuantity } from '../../shared/format.ts';
import { absolute, backupReference, examples } from '../arguments.ts';
import { print } from '../context.ts';
import type { Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import { followJob } from '../follow-job.ts';
import { readResult, verifyResultSchema } from '../job-result.ts';
import type { VerifyResult } from '../job-result.ts';
import { printable } from '../text.ts';

function asText({ ok, checkedBytes, checkedFiles, problems }: VerifyResult, deep: boolean): string {
  const checked = deep
    ? `${formatQuantity(checkedFiles, 'file')}, ${formatBytes(checkedBytes)}`
    : formatBytes(checkedBytes);
  if (ok) return `The backup is whole (${checked} checked${deep ? ', every file' : ''}).\n`;
  const lines = problems.map(({ path, archive, message }) => {
    const [where, what] = [printable(path ?? archive), printable(message)];
    return what.includes(where) ? `  ${what}\n` : `  ${where}: ${what}\n`;
  });
  return `The backup is damaged: ${formatQuantity(problems.length, 'problem')} (${checked} checked).\n${lines.join('')}`;
}

/** `larder verify BACKUP` */
export function registerVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .argument('<backup>', "id, its beginning, the archive's name or path, latest, or latest:STORE")
    .option('--deep', "also decompress and check every file's digest")
    .option('--dest <dir>', 'look for it in this folder')
    .description("check that a backup is whole: its structure and every stored byte's digest")
    .addHelpText('after', examples('larder verify latest:project', 'larder verify 20261120 --deep'))
    .action((reference: string, options: { deep?: boolean; dest?: string }) =>
      run(async (context) => {
        const deep = options.deep === true;
        const input = {
          backup: await backupReference(context, reference),
          mode: deep ? ('deep' as const) : ('quick' as const),
          ...(options.dest === undefined ? {} : { destination: absolute(context, options.dest) }),
        };
        const result = await followJob(context, (client) => client.call('backups.verify', input)).then(
          ({ job }) => readResult(verifyResultSchema, job.result),
          (error: unknown) => {
            // Damage ends the job as failed; what was found is in the error's details.
            const found = isLarderError(error, 'CORRUPT') ? verifyResultSchema.safeParse(error.details) : undefined;
            if (found?.success === true) return found.data;
            throw error;
          },
        );
        const { ok, checkedBytes, checkedFiles, problems } = result;
        print(
          context,
          () => ({ ok, checkedBytes, checkedFiles, problems }),
          () => asText(result, deep),
        );
        return ok ? exitCodes.done : exitCodes.damaged;
      }),
    );
}
