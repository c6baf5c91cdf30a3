import { relative } from 'node:path';
import type { Command } from 'commander';
import { LarderError } from '../../shared/contract/index.ts';
import type {
  ComposeCheck,
  ComposeFinding,
  ComposeFixPlan,
  ComposeUnknown,
  Input,
} from '../../shared/contract/index.ts';
import { formatQuantity } from '../../shared/format.ts';
import { absolute, collect, examples, findStore } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { print } from '../context.ts';
import type { CommandContext, Run } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { styleFor } from '../style.ts';
import type { Style } from '../style.ts';
import { printable } from '../text.ts';

interface CheckOptions {
  readonly store?: string;
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly profile?: readonly string[];
  readonly envFile?: string;
}

type Subject = Input<'compose.check'>;

/** A path as it is shortest from where the person is. */
function shortPath(context: CommandContext, path: string): string {
  const below = relative(context.terminal.cwd, path);
  return printable(below === '' || below.startsWith('..') ? path : below);
}

function indented(text: string, by: string): string {
  return text.replace(/^(?=.)/gm, by);
}

function coloured(patch: string, style: Style): string {
  return patch
    .split('\n')
    .map((line) => {
      // Tabs stay, so that what is copied from here still applies.
      const shown = line.split('\t').map(printable).join('\t');
      if (/^(?:---|\+\+\+|@@)/.test(line)) return style.dim(shown);
      return line.startsWith('+') ? style.green(shown) : line.startsWith('-') ? style.red(shown) : shown;
    })
    .join('\n');
}

function findingText(finding: ComposeFinding, style: Style): string {
  const { line, column, severity, service, message, why, rule, fix, command } = finding;
  const paint = severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.dim;
  const who = service === undefined ? '' : `${style.bold(printable(service))}: `;
  const rest = [printable(why)];
  if (command !== undefined) rest.push(`Command: ${printable(command)}`);
  if (fix !== undefined) {
    rest.push(`${printable(fix.title)}${fix.safe ? '' : ' (by hand)'}:`);
    rest.push(indented(coloured(fix.patch.trimEnd(), style), '  '));
    if (fix.note !== undefined) rest.push(printable(fix.note));
  }
  return `  ${line}:${column}  ${paint(severity)}  ${who}${printable(message)}  ${style.dim(rule)}\n${indented(rest.join('\n'), '      ')}\n`;
}

function unknownText({ line, column, service, message, why }: ComposeUnknown, style: Style): string {
  const who = service === undefined ? '' : `${style.bold(printable(service))}: `;
  return `  ${line}:${column}  ${style.dim('cannot tell')}  ${who}${printable(message)}\n      ${printable(why)}\n`;
}

function countsText({ counts, projects }: ComposeCheck): string {
  const { errors, warnings, infos, cannotTell } = counts;
  const services = projects.reduce((sum, project) => sum + project.services.length, 0);
  const said = [
    errors === 0 ? undefined : formatQuantity(errors, 'error'),
    warnings === 0 ? undefined : formatQuantity(warnings, 'warning'),
    infos === 0 ? undefined : formatQuantity(infos, 'note'),
  ].filter((each) => each !== undefined);
  const checked = `${formatQuantity(services, 'service')} in ${formatQuantity(projects.length, 'project')} checked`;
  const unknown = cannotTell === 0 ? '' : `; ${formatQuantity(cannotTell, 'thing')} cannot be told`;
  return `${said.length === 0 ? 'No mistakes found' : said.join(', ')} (${checked}${unknown}).\n`;
}

function checkText(context: CommandContext, check: ComposeCheck): string {
  const style = styleFor(context.terminal, 'out');
  let text = '';
  for (const { files, findings, cannotTell } of check.projects) {
    if (findings.length + cannotTell.length === 0) {
      // Of several files together: what is wrong in one of them alone was told of that.
      const names = files.map((file) => shortPath(context, file)).join(' with ');
      text += `${style.bold(names)}\n  ${files.length > 1 ? 'nothing more found' : 'no mistakes found'}\n\n`;
      continue;
    }
    const concerned = new Set([...files, ...findings.map(({ file }) => file), ...cannotTell.map(({ file }) => file)]);
    for (const file of concerned) {
      const own = findings.filter((finding) => finding.file === file);
      const unknown = cannotTell.filter((each) => each.file === file);
      if (own.length + unknown.length === 0) continue;
      text += `${style.bold(shortPath(context, file))}\n`;
      text += own.map((finding) => findingText(finding, style)).join('');
      text += unknown.map((each) => unknownText(each, style)).join('');
      text += '\n';
    }
  }
  return text;
}

function planText(context: CommandContext, plan: ComposeFixPlan): string {
  const style = styleFor(context.terminal, 'out');
  const titles = plan.mended.map(({ message, title, note }) => {
    const more = note === undefined ? '' : ` ${printable(note)}`;
    return `  ${printable(message)} → ${printable(title)}.${more}\n`;
  });
  return `${plan.files.map(({ patch }) => coloured(patch, style)).join('')}${titles.join('')}`;
}

function exitCodeOf({ counts }: ComposeCheck, strict: boolean): ExitCode {
  return counts.errors > 0 || (strict && counts.warnings > 0) ? exitCodes.unhealthy : exitCodes.done;
}

async function subjectOf(context: CommandContext, files: readonly string[], options: CheckOptions): Promise<Subject> {
  const { store, profile, envFile } = options;
  const chosen = store === undefined ? undefined : await findStore(context, store);
  const wanted = files.length === 0 && chosen === undefined ? ['.'] : files;
  return {
    ...(wanted.length === 0 ? {} : { files: wanted.map((file) => absolute(context, file)) }),
    ...(chosen === undefined ? {} : { store: chosen.id }),
    ...(profile === undefined ? {} : { profiles: [...profile] }),
    ...(envFile === undefined ? {} : { envFile: absolute(context, envFile) }),
  };
}

async function fix(context: CommandContext, subject: Subject, options: CheckOptions): Promise<ExitCode> {
  const client = await context.client();
  const { signal, terminal } = context;
  const plan = await client.call('compose.planFix', { check: subject, findings: 'safe' }, { signal });
  const files = formatQuantity(plan.files.length, 'file');
  if (options.dryRun === true || plan.files.length === 0) {
    const check = await client.call('compose.check', subject, { signal });
    print(
      context,
      () => ({ dryRun: options.dryRun === true, changed: [], files: plan.files, mended: plan.mended, ...check }),
      () =>
        plan.files.length === 0
          ? `${checkText(context, check)}Nothing that could be mended by itself. ${countsText(check)}`
          : `${planText(context, plan)}Would change ${files}.\n`,
    );
    return exitCodeOf(check, options.strict === true);
  }
  if (!context.options.yes && terminal.errIsTty) terminal.err(planText(context, plan));
  await confirm(context, `Change ${files}?`);
  const { undo, files: changed } = await client.call('compose.applyFix', { plan: plan.id });
  const check = await client.call('compose.check', subject, { signal });
  print(
    context,
    () => ({ dryRun: false, changed, undo, files: plan.files, mended: plan.mended, ...check }),
    () => {
      const copies = changed.map(
        ({ file, copy }) => `${shortPath(context, file)} is as it was in ${printable(copy)}.\n`,
      );
      return `${planText(context, plan)}Changed ${files}. To go back: larder compose undo ${undo}\n${copies.join('')}\n${checkText(context, check)}${countsText(check)}`;
    },
  );
  return exitCodeOf(check, options.strict === true);
}

/** `larder compose check` and `larder compose undo` */
export function registerCompose(program: Command, run: Run): void {
  const compose = program
    .command('compose')
    .description('find and mend mistakes in compose files that lose data')
    .addHelpText('after', examples('larder compose check', 'larder compose check docker-compose.yml --fix --dry-run'));
  compose
    .command('check')
    .argument('[file...]', 'compose files, or folders to look for them in (default: this folder)')
    .option('--store <store>', "what lies beside this store, held against its layout's mounts")
    .option('--fix', 'make the changes that need nothing besides')
    .option('--dry-run', 'with --fix: only show what would change')
    .option('--strict', 'exit with 8 for warnings, too')
    .option('--profile <name>', 'only services of this profile and those of none; may be given again', collect)
    .option('--env-file <file>', "variables, instead of each project's .env")
    .description('mistakes in compose files that lose data; exit code 8 when there are errors')
    .addHelpText(
      'after',
      examples(
        'larder compose check',
        'larder compose check deploy/docker-compose.prod.yml',
        'larder compose check --store project --fix',
      ),
    )
    .action((files: readonly string[], options: CheckOptions) =>
      run(async (context) => {
        if (options.dryRun === true && options.fix !== true) {
          throw new LarderError('INVALID_INPUT', '--dry-run goes with --fix.', {
            hint: 'Without --fix nothing is changed.',
          });
        }
        const subject = await subjectOf(context, files, options);
        if (options.fix === true) return fix(context, subject, options);
        const check = await (await context.client()).call('compose.check', subject, { signal: context.signal });
        if (check.projects.length === 0) {
          print(
            context,
            () => check,
            () => 'There is no compose file beside this store.\n',
          );
          return exitCodes.done;
        }
        print(
          context,
          () => check,
          () => `${checkText(context, check)}${countsText(check)}`,
        );
        return exitCodeOf(check, options.strict === true);
      }),
    );
  compose
    .command('undo')
    .argument('<id>', 'as check --fix printed it')
    .description('put back the files that check --fix changed')
    .addHelpText('after', examples('larder compose undo 5b0c…'))
    .action((undo: string) =>
      run(async (context) => {
        const client = await context.client();
        const { files } = await client.call('compose.undoFix', { undo }, { signal: context.signal });
        print(
          context,
          () => ({ files }),
          () => files.map((file) => `${shortPath(context, file)} is as it was before.\n`).join(''),
        );
        return exitCodes.done;
      }),
    );
}
