import { Command, CommanderError } from 'commander';
import { resolve } from 'node:path';
import { keyFilesIn } from '../engine/host/index.ts';
import type { KeyFiles } from '../engine/host/index.ts';
import { isSystemError, toLarderError } from '../engine/fs/index.ts';
import type { Client } from '../shared/client/index.ts';
import { LarderError } from '../shared/contract/index.ts';
import { examples, refuseEmpty } from './arguments.ts';
import { registerBackup } from './commands/backup.ts';
import { registerBackups } from './commands/backups.ts';
import { registerCat } from './commands/cat.ts';
import { registerCompose } from './commands/compose.ts';
import { registerDiff } from './commands/diff.ts';
import { registerDiscover } from './commands/discover.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExport } from './commands/export.ts';
import { registerHealth } from './commands/health.ts';
import { registerJobs } from './commands/jobs.ts';
import { registerKeygen } from './commands/keygen.ts';
import { registerLayouts } from './commands/layouts.ts';
import { registerLs } from './commands/ls.ts';
import { registerMark } from './commands/mark.ts';
import { registerPrune } from './commands/prune.ts';
import { registerRebuild } from './commands/rebuild.ts';
import { registerRestore } from './commands/restore.ts';
import { registerSample } from './commands/sample.ts';
import { registerServe } from './commands/serve.ts';
import { registerSetup } from './commands/setup.ts';
import { registerStatus } from './commands/status.ts';
import { registerStores } from './commands/stores.ts';
import { registerTest } from './commands/test.ts';
import { registerUndo } from './commands/undo.ts';
import { registerUsage } from './commands/usage.ts';
import { registerVerify } from './commands/verify.ts';
import type { CommandContext, DashboardParts, GlobalOptions, Run } from './context.ts';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { addKeyOptions, askedKeys, keyHint } from './key-options.ts';
import { styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './text.ts';

/** Everything around the command; tests give their own. */
export interface World {
  readonly terminal: Terminal;
  readonly version: string;
  /** Home when neither `--home` nor anything else names one. */
  readonly defaultHome: string;
  readonly signal: AbortSignal;
  readonly dashboard: DashboardParts;
  openEngine(home: string, keyFiles: KeyFiles): Promise<{ client: Client; close(): Promise<void> }>;
}

interface RawOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly jsonLines?: boolean;
  readonly yes?: boolean;
}

function globalOptions({ home, json, jsonLines, yes }: RawOptions): GlobalOptions {
  return {
    ...(home === undefined ? {} : { home }),
    json: json === true || jsonLines === true,
    jsonLines: jsonLines === true,
    yes: yes === true,
  };
}

/** A mistake in the command line as an error of the contract: commander's words, split into message and hint. */
function usageError(error: CommanderError): LarderError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  const message = first.charAt(0).toUpperCase() + first.slice(1);
  return new LarderError('INVALID_INPUT', /[.?]$/.test(message) ? message : `${message}.`, {
    hint: suggestion === '' ? 'larder --help lists the commands, larder COMMAND --help their options.' : suggestion,
  });
}

/** Writes an error where the caller looks for it. With `--json` it is on stdout, too, so that there always is a document. */
function report(world: World, options: GlobalOptions, error: LarderError): void {
  const { terminal } = world;
  const data = { error: error.toData() };
  if (options.json) terminal.out(`${JSON.stringify(data, undefined, terminal.outIsTty ? 2 : undefined)}\n`);
  if (options.jsonLines) {
    terminal.err(`${JSON.stringify({ type: 'error', ...data })}\n`);
    return;
  }
  const style = styleFor(terminal, 'err');
  const cancelled = error.code === 'CANCELLED';
  terminal.err(`${cancelled ? '' : style.red('error: ')}${printable(error.message)}\n`);
  if (error.hint !== undefined) terminal.err(`${printable(error.hint)}\n`);
  if (error.details?.['fix'] === 'unlock') terminal.err(`${keyHint(error.details['needs'])}\n`);
}

/** What was printed went nowhere: the disk it goes to is full, or the like. */
function lostOutput(error: unknown): LarderError {
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
    return new LarderError('NO_SPACE', 'The output could not be written: no space left on its disk.', {
      hint: 'Free some space and try again.',
      cause: error,
    });
  }
  const why = isSystemError(error) ? error.code : String(error);
  return new LarderError('INTERNAL', `The output could not be written: ${why}.`, { cause: error });
}

/** Says what the engine found wrong with Larder itself when it was opened: a damaged database set aside, for example. */
async function sayNotices(world: World, options: GlobalOptions, client: Client): Promise<void> {
  const { notices } = await client.call('system.info', {});
  const style = styleFor(world.terminal, 'err');
  for (const { level, message, hint } of notices) {
    if (level === 'info') continue;
    if (options.jsonLines) {
      world.terminal.err(`${JSON.stringify({ type: 'notice', level, message, hint })}\n`);
      continue;
    }
    world.terminal.err(`${style.yellow('note: ')}${printable(message)}\n`);
    if (hint !== undefined) world.terminal.err(`${printable(hint)}\n`);
  }
}

function createProgram(world: World, run: Run, running: (command: Command) => void): Command {
  const program = new Command('larder')
    .description('Looks after the data that AI and ML development leaves on a disk.')
    .version(world.version, '--version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .option('--home <dir>', 'folder of settings and history (default: LARDER_HOME)')
    .option('--json', 'print one JSON document')
    .option('--json-lines', 'as --json, and stream progress on stderr, one JSON object a line')
    .option('--yes', 'answer every question with yes')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => world.terminal.out(text),
      // Mistakes are reported by `report`, so that they look like any other error.
      writeErr: () => {},
      getOutHelpWidth: () => (world.terminal.outIsTty ? world.terminal.columns : 100),
      getOutHasColors: () => false,
    })
    .showSuggestionAfterError()
    .exitOverride()
    .allowExcessArguments(false)
    .hook('preAction', (_program, command) => {
      refuseEmpty(command);
      running(command);
    })
    .addHelpText('after', examples('larder stores add ~/project/persistent_data', 'larder backup persistent_data'));
  for (const register of [
    registerStores,
    registerLayouts,
    registerUsage,
    registerStatus,
    registerHealth,
    registerBackup,
    registerBackups,
    registerVerify,
    registerLs,
    registerCat,
    registerDiff,
    registerRestore,
    registerUndo,
    registerExport,
    registerMark,
    registerPrune,
    registerRebuild,
    registerKeygen,
    registerSample,
    registerSetup,
    registerTest,
    registerDiscover,
    registerCompose,
    registerServe,
    registerJobs,
    registerDoctor,
  ]) {
    register(program, run);
  }
  addKeyOptions(program.commands);
  return program;
}

/** Runs one command line (without `node` and the script's name) and resolves with the exit code. Never rejects. */
export async function main(args: readonly string[], world: World): Promise<ExitCode> {
  // Until the command line is read, asking for JSON is recognised by the word alone.
  let options = globalOptions({ json: args.includes('--json'), jsonLines: args.includes('--json-lines') });
  let exitCode: ExitCode = exitCodes.done;
  let command: Command | undefined;

  const run: Run = async (action, { showsNotices = false } = {}) => {
    options = globalOptions(program.opts<RawOptions>());
    const home = options.home === undefined ? world.defaultHome : resolve(world.terminal.cwd, options.home);
    let opening: ReturnType<World['openEngine']> | undefined;
    const open = async (at: string): ReturnType<World['openEngine']> => {
      const asked = await askedKeys(command, world.terminal, world.signal);
      const opened = await world.openEngine(at, { ...keyFilesIn(world.terminal.env, world.terminal.cwd), ...asked });
      if (showsNotices) return opened;
      try {
        await sayNotices(world, options, opened.client);
      } catch (error) {
        await opened.close();
        throw error;
      }
      return opened;
    };
    const context: CommandContext = {
      terminal: world.terminal,
      options,
      home,
      signal: world.signal,
      dashboard: world.dashboard,
      async client() {
        opening ??= open(home);
        return (await opening).client;
      },
    };
    try {
      exitCode = await action(context);
    } finally {
      // Where opening failed, the action has reported it.
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    }
  };

  const fail = (error: LarderError): ExitCode => {
    // Whatever was going on, after Ctrl-C there is but one thing to say.
    const interrupted = error.code === 'CANCELLED' && world.signal.aborted;
    report(world, options, interrupted ? new LarderError('CANCELLED', 'Cancelled.', { cause: error }) : error);
    return exitCodeOfError(error.code);
  };
  const program = createProgram(world, run, (chosen) => {
    command = chosen;
  });
  if (args.length === 0) {
    world.terminal.err(program.helpInformation());
    return exitCodes.wrongUsage;
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) exitCode = fail(toLarderError(error));
    else if (error.exitCode !== 0) exitCode = fail(usageError(error));
  }
  try {
    await world.terminal.flush();
  } catch (error) {
    const lost = fail(lostOutput(error));
    // A command that failed says so all the same.
    if (exitCode === exitCodes.done) exitCode = lost;
  }
  return exitCode;
}
