#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/** `node local/host/main.ts --app DIR`: see `usage` in command-line.ts. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { styleText } from 'node:util';
import { describeAppError, placeInApp } from './app-error.ts';
import { parseCommandLine, usage, type CommandLine } from './command-line.ts';
import { startHost, type RunningHost, type SignInOptions } from './index.ts';
import { readLocalSettings, withoutThoseOf } from './local-settings.ts';
import { formatFunctions, formatLine, type Paint } from './print.ts';
import { HostStartError, messageOf } from './start-error.ts';

const defaultPort = 7071;
const exitCodes = { stopped: 0, failed: 1, usage: 2 } as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

let ending = false;

function end(code: number): never {
  ending = true;
  process.exit(code);
}

/** Colours are for terminals: NO_COLOR, FORCE_COLOR and TERM=dumb are heard. */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

async function run(options: Extract<CommandLine, { kind: 'run' }>): Promise<void> {
  const appDir = resolve(options.appDir);
  const stateDir = resolve(options.stateDir);
  endOnStrayErrors(appDir, options.verbose);
  let host: RunningHost;
  try {
    host = await start(options, appDir, stateDir);
  } catch (error) {
    complain(
      error instanceof HostStartError
        ? error.message
        : `The host failed to start: ${messageOf(error)}`,
    );
    const cause = error instanceof HostStartError ? error.cause : error;
    if (options.verbose && cause instanceof Error) complain(cause.stack ?? '');
    end(exitCodes.failed);
  }
  stopOnSignal(host);
  say(`The host listens at ${host.url}.\n\n${formatFunctions(host.functions, host.url, paint)}`);
  say(`Keys are in ${resolve(stateDir, 'keys.json')}\nCtrl-C stops the host.`);
}

async function start(
  options: Extract<CommandLine, { kind: 'run' }>,
  appDir: string,
  stateDir: string,
): Promise<RunningHost> {
  const local = readLocalSettings(appDir);
  // The app finds itself in its own folder, as on Azure; where there is none, the host says so.
  if (statSync(appDir, { throwIfNoEntry: false })?.isDirectory() === true) process.chdir(appDir);
  const cors = options.cors ?? local.cors;
  return startHost({
    ...{ appDir, stateDir, port: options.port ?? local.port ?? defaultPort },
    keys: options.requireKeys ? 'required' : 'waived',
    ...(options.signInAs === undefined ? {} : { signIn: toSignIn(options.signInAs) }),
    ...(cors === undefined ? {} : { cors }),
    env: {
      ...withoutThoseOf(process.env, local),
      ...(options.verbose ? { AzureFunctionsJobHost__logging__logLevel__default: 'Debug' } : {}),
    },
    log: (line) => say(formatLine(line, paint)),
    captureConsole: true,
  });
}

function toSignIn(roles: readonly string[]): SignInOptions {
  return { roles, ...(roles.length === 0 ? {} : { as: { name: 'Local developer', roles } }) };
}

function stopOnSignal(host: RunningHost): void {
  let asked = false;
  const stop = (): void => {
    if (asked) end(exitCodes.failed);
    asked = true;
    // An app that ends the process at a signal only does what it was asked to.
    ending = true;
    say('Stopping; running functions may finish. Once more stops at once.');
    void host.stop().then(
      () => end(exitCodes.stopped),
      (error: unknown) => {
        complain(`The host did not stop cleanly: ${messageOf(error)}`);
        end(exitCodes.failed);
      },
    );
  };
  // Before what the app may have put there while it loaded.
  process.prependListener('SIGINT', stop);
  process.prependListener('SIGTERM', stop);
}

/**
 * An app that breaks outside its functions takes its worker along on Azure, too, which then is
 * started again (Azure/azure-functions-nodejs-worker src/Worker.ts); here it ends the host. Node
 * makes exceptions of rejections that nobody handles, save where the app listens to them itself.
 */
function endOnStrayErrors(appDir: string, verbose: boolean): void {
  process.on('uncaughtException', (error: unknown) => {
    complain(`The app failed outside a function: ${describeAppError(error, appDir)}`);
    // Where no place in the app is known, the stack is all there is to go by.
    const isStackShown = verbose || placeInApp(error, appDir) === undefined;
    if (isStackShown && error instanceof Error) complain(error.stack ?? '');
    complain(`The host ends${isStackShown ? '.' : '; --verbose shows the stack.'}`);
    end(exitCodes.failed);
  });
  // Nobody reads any more (`| head`, a parent that was killed): end, as other commands do.
  process.stdout.on('error', () => end(exitCodes.failed));
  process.on('exit', (code) => {
    if (ending) return;
    complain('The app ended the process (process.exit).');
    // Nobody asked for an end, so it is none that went well.
    if (code === 0) process.exitCode = exitCodes.failed;
  });
}

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.kind === 'help') {
  say(usage.trimEnd());
} else if (commandLine.kind === 'wrong') {
  complain(commandLine.message);
  process.exitCode = exitCodes.usage;
} else {
  void run(commandLine);
}
