import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { makeApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import type { Act, Action } from './command.ts';
import { addAccess } from './commands/access.ts';
import { addAcknowledge } from './commands/acknowledge.ts';
import { addApprove } from './commands/approve.ts';
import { addAudit } from './commands/audit.ts';
import { addAudits } from './commands/audits.ts';
import { addBackup, addBackups } from './commands/backups.ts';
import { addBind } from './commands/bind.ts';
import { addCa } from './commands/ca.ts';
import { addCleanups } from './commands/cleanups.ts';
import { addDetach } from './commands/detach.ts';
import { addList } from './commands/list.ts';
import { addManagement } from './commands/management.ts';
import { addNotify } from './commands/notify.ts';
import { addOrphans } from './commands/orphans.ts';
import { addPlan } from './commands/plan.ts';
import { addRepairs } from './commands/repairs.ts';
import { addReport } from './commands/report.ts';
import { addRestore } from './commands/restore.ts';
import { addRollback } from './commands/rollback.ts';
import { addServices } from './commands/services.ts';
import { addShow } from './commands/show.ts';
import { addSweep } from './commands/sweep.ts';
import { addSync } from './commands/sync.ts';
import { addUndo } from './commands/undo.ts';
import { addUpload } from './commands/upload.ts';
import { addUsage } from './commands/usage.ts';
import { givenAddress, LOCAL_URL, readConnection, type ConnectionOptions } from './connection.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { makeOutput } from './output.ts';

interface GlobalOptions extends ConnectionOptions {
  readonly json?: true;
  readonly color: boolean;
}

const COMMANDS = [
  ...[addList, addShow, addPlan, addSync, addUpload],
  ...[addRollback, addBind, addDetach, addAccess, addUsage, addApprove, addCa, addManagement],
  ...[addSweep, addOrphans, addCleanups, addRepairs, addUndo, addNotify, addServices],
  ...[addAudit, addAudits, addReport, addAcknowledge, addBackups, addBackup, addRestore],
];

const HELP = `
Environment:
  CERTKEEPER_URL           the address, instead of --url
  CERTKEEPER_KEY           the function key, instead of --key
  CERTKEEPER_TOKEN         the token, instead of --token
  CERTKEEPER_PFX_PASSWORD  the password of an uploaded file
  NO_COLOR, FORCE_COLOR    no colours; or colours wherever the output goes

Exit codes:
  0  done, and what was asked for holds
  1  refused, blocked, failed, or not over in time
  2  the command line, or a value in it, cannot be used
  3  Certkeeper cannot be reached, or does not let the caller in

Examples:
  $ certkeeper list --status blocked
  $ certkeeper upload gateway.pfx contoso-kv/gateway-client -t contoso-gw`;

/**
 * Runs the command line.
 * @param args what follows the program's name
 * @returns the exit code; everything a person or a program reads has been written by then
 */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const act: Act = <Args extends readonly unknown[]>(command: Command, action: Action<Args>) => {
    command.action(async (...received: unknown[]) => {
      // What the command declares, in its order; Commander puts the command itself last.
      const given = received.slice(0, -1) as unknown as Args;
      const options = command.optsWithGlobals<GlobalOptions>();
      const output = makeOutput(io, {
        ...{ json: options.json === true, color: options.color },
        address: givenAddress(options),
      });
      try {
        const api = makeApiClient(readConnection(options, io.env), io);
        exitCode = await action({ api, io, output }, ...given);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        output.error(error);
        exitCode = error.exitCode;
      }
    });
  };
  const program = makeProgram(io, act);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return exitCode;
}

/** The command line as it is declared; `act` says what becomes of each command's action. */
export function makeProgram(io: Io, act: Act): Command {
  const width = (sink: Io['stdout']): number => Math.min(sink.columns ?? 80, 100);
  const program = new Command('certkeeper')
    .description('Keeps certificates in API Management in step with Key Vault.')
    .version(readVersion(), '--version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand('help [command]', 'show what a command does')
    .option('--url <address>', `where Certkeeper is (default: ${LOCAL_URL})`)
    .option('--key <key>', 'a function key')
    .option('--token <token>', 'an Entra token, where people sign in')
    .option('--json', 'one JSON document on stdout, for programs')
    .option('--no-color', 'no colours')
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) =>
        [
          command.name(),
          ...command.registeredArguments.map((one) =>
            one.required ? `<${one.name()}>` : `[${one.name()}]`,
          ),
        ].join(' '),
    })
    .configureOutput({
      writeOut: (text) => {
        io.stdout.write(text);
      },
      writeErr: (text) => {
        io.stderr.write(text);
      },
      getOutHelpWidth: () => width(io.stdout),
      getErrHelpWidth: () => width(io.stderr),
    })
    .showHelpAfterError('`certkeeper --help` and `certkeeper help {command}` say what there is.')
    .exitOverride()
    .addHelpText('after', HELP);
  for (const add of COMMANDS) add(program, act);
  return program;
}

function readVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  // The repository's own file.
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
