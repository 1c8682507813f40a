/** `node local/host/main.ts --app DIR`: see `usage` in command-line.ts. */
import { resolve } from 'node:path';
import process from 'node:process';
import { parseCommandLine, usage, type CommandLine } from './command-line.ts';
import { startHost, type RunningHost, type SignInOptions } from './index.ts';
import { formatFunctions, formatLine } from './print.ts';
import { HostStartError, messageOf } from './start-error.ts';

const exitCodes = { stopped: 0, failed: 1, usage: 2 } as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function run(options: Extract<CommandLine, { kind: 'run' }>): Promise<void> {
  // Resolved first: the app finds itself in its own folder, as on Azure.
  const appDir = resolve(options.appDir);
  const stateDir = resolve(options.stateDir);
  let host: RunningHost;
  try {
    host = await startHost({
      ...{ appDir, stateDir, port: options.port },
      keys: options.requireKeys ? 'required' : 'waived',
      ...(options.signInAs === undefined ? {} : { signIn: toSignIn(options.signInAs) }),
      env: options.verbose ? { AzureFunctionsJobHost__logging__logLevel__default: 'Debug' } : {},
      log: (line) => say(formatLine(line)),
    });
  } catch (error) {
    complain(
      error instanceof HostStartError
        ? error.message
        : `The host failed to start: ${messageOf(error)}`,
    );
    const cause = error instanceof HostStartError ? error.cause : error;
    if (options.verbose && cause instanceof Error) complain(cause.stack ?? '');
    process.exit(exitCodes.failed);
  }
  process.chdir(appDir);
  say(`The host listens at ${host.url}.\n\n${formatFunctions(host.functions, host.url)}`);
  say(`Keys are in ${resolve(stateDir, 'keys.json')}. Ctrl-C stops the host.`);
  stopOnSignal(host);
}

function toSignIn(roles: readonly string[]): SignInOptions {
  return { roles, ...(roles.length === 0 ? {} : { as: { name: 'Local developer', roles } }) };
}

function stopOnSignal(host: RunningHost): void {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(exitCodes.failed);
    asked = true;
    say('Stopping; running functions may finish. Once more stops at once.');
    void host.stop().then(
      () => process.exit(exitCodes.stopped),
      (error: unknown) => {
        complain(`The host did not stop cleanly: ${messageOf(error)}`);
        process.exit(exitCodes.failed);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** An app that breaks outside its functions takes its worker along on Azure, too. */
function dieOnStrayErrors(): void {
  const die = (error: unknown): void => {
    complain(
      `The app failed outside a function: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // Nobody reads any more (`| head`, a parent that was killed): end, as other commands do.
  process.stdout.on('error', () => process.exit(exitCodes.failed));
}

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.kind === 'help') {
  say(usage);
} else if (commandLine.kind === 'wrong') {
  complain(commandLine.message);
  process.exitCode = exitCodes.usage;
} else {
  dieOnStrayErrors();
  void run(commandLine);
}
