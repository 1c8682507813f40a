/** `npm start`: the whole of Certkeeper on this machine, until Ctrl-C. */
import path from 'node:path';
import process from 'node:process';
import { APP_ROLES } from './app-roles.ts';
import { makeAppClient } from './console/app-client.ts';
import {
  readFolder,
  readOptions,
  readPort,
  refuseSharedPorts,
  UsageError,
} from './console/options.ts';
import { onStopSignal } from './console/stop-signals.ts';
import { shortThumbprint } from './console/thumbprint.ts';
import { makeEventEar, waitUntilVerified, watchRotation } from './console/watch-rotation.ts';
import { HostStartError, readRoles, type SignInOptions } from './host/index.ts';
import { PortInUseError } from './port-in-use.ts';
import { repositoryRoot } from './repository.ts';
import { makeAzureWire } from './seed/azure-wire.ts';
import { readCertificate } from './seed/certificates.ts';
import { goesOn, goOn } from './seed/fabrikam/go-on.ts';
import { addTableRow } from './seed/table-row.ts';
import { StateFolderError } from './state-lock.ts';
import { startSystem, type RunningSystem } from './system.ts';

const USAGE = `Runs Certkeeper on this machine: Azurite, a simulated Azure and a Functions host.

  --port P          the Functions host, 0 for any free port (default: 7071)
  --azure-port P    the simulated Azure (default: 7072)
  --storage-port P  blob storage; queue and table take the next two (default: 10000)
  --state DIR       what outlives the program, and the logs (default: .local)
  --fleet F         what is made at the first start: whole, or small, without
                    the services and vaults in trouble (default: whole)
  --no-demo         do not show a rotation after the start
  --sign-in-as R    who requests without a sign-in come from: app roles with
                    commas, or nobody (default: somebody with all roles)
  --require-keys    callers need a function key, and nobody has a name
  --verbose         print the logs
  --help            this text

Settings of the shell that begin with CERTKEEPER_ reach the app, for example
CERTKEEPER_ALLOW= npm start, under which nobody allows anything.

npm needs two dashes before options: npm start -- --port 8071
`;

interface StartOptions {
  readonly port: number;
  readonly azurePort: number;
  readonly storagePort: number;
  readonly stateDir: string;
  readonly fleet: 'small' | 'whole';
  readonly demo: boolean;
  readonly requireKeys: boolean;
  readonly signInAs: readonly string[];
  readonly verbose: boolean;
}

/** The certificate that is shown being rotated, and where it is installed. */
const SHOWN = { vault: 'contoso-kv', name: 'gateway-client', service: 'contoso-gw' } as const;

function readCommandLine(args: readonly string[]): StartOptions | 'help' {
  const values = readOptions(args, {
    port: { type: 'string', default: '7071' },
    'azure-port': { type: 'string', default: '7072' },
    'storage-port': { type: 'string', default: '10000' },
    state: { type: 'string', default: path.join(repositoryRoot(), '.local') },
    fleet: { type: 'string', default: 'whole' },
    'no-demo': { type: 'boolean', default: false },
    'require-keys': { type: 'boolean', default: false },
    'sign-in-as': { type: 'string', default: APP_ROLES.join(',') },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return 'help';
  const port = readPort('--port', values.port);
  const azurePort = readPort('--azure-port', values['azure-port']);
  const storagePort = readPort('--storage-port', values['storage-port'], 2);
  refuseSharedPorts({
    '--port': [port],
    '--azure-port': [azurePort],
    '--storage-port': storagePort === 0 ? [] : [storagePort, storagePort + 1, storagePort + 2],
  });
  return {
    ...{ port, azurePort, storagePort },
    stateDir: readFolder('--state', values.state),
    fleet: readFleet(values.fleet),
    demo: !values['no-demo'],
    requireKeys: values['require-keys'],
    signInAs: readRoles(values['sign-in-as']),
    verbose: values.verbose,
  };
}

function readFleet(text: string): StartOptions['fleet'] {
  if (text === 'small' || text === 'whole') return text;
  throw new UsageError('--fleet takes small or whole.');
}

async function main(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2));
  if (options === 'help') {
    say(USAGE.trimEnd());
    return;
  }
  const ear = makeEventEar();
  const stopping = new AbortController();
  const starting = startSystem({
    ...options,
    ...(options.requireKeys
      ? { keys: 'required' as const }
      : { keys: 'waived' as const, signIn: signInOf(options.signInAs) }),
    settings: settingsOfShell(process.env),
    onLine({ from, text, host }) {
      if (host !== undefined) ear.hear(host.functionName);
      if (options.verbose) say(`[${from}] ${text}`);
    },
    onLost(message) {
      if (stopping.signal.aborted) return;
      complain(
        `${message} Nothing works without it; what was under way goes on at the next start.`,
      );
      void stop(1);
    },
  });
  const stop = async (exitCode: number): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    say('Stopping …');
    await starting.then((started) => started.stop()).catch(() => undefined);
    process.exit(exitCode);
  };
  onStopSignal(
    () => void stop(0),
    () => process.exit(130),
  );
  // Whoever read this is gone, or the app threw outside of everything: nothing may stay behind.
  process.stdout.on('error', () => void stop(0));
  process.on('uncaughtException', (error) => {
    complain(`Certkeeper ended by an error: ${error.stack ?? error.message}`);
    void stop(1);
  });

  const isStopping = () => stopping.signal.aborted;
  say('Starting Azurite, the simulated Azure and the Functions host …');
  const system = await starting;
  if (isStopping()) return;
  say(readyLine(system));
  if (options.demo) await show(system, ear, stopping.signal);
  if (!isStopping()) sayWhatNext(system, options);
  await showFabrikam(system, options, stopping.signal);
}

/** The newcomer is signed in: what the first commands show needs no reading up. */
function signInOf(roles: readonly string[]): SignInOptions {
  return {
    roles: APP_ROLES,
    ...(roles.length === 0 ? {} : { as: { name: 'Local developer', roles } }),
  };
}

/** Certkeeper's settings as the shell has them: they come before those of the seeded fleet. */
function settingsOfShell(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      name.startsWith('CERTKEEPER_') && name !== 'CERTKEEPER_LOCAL_AZURE' && value !== undefined
        ? [[name, value]]
        : [],
    ),
  );
}

function readyLine({ hostUrl, azureUrl, storage }: RunningSystem): string {
  const blobPort = new URL(storage.blobUrl).port;
  return `Ready: app ${hostUrl}, Azure ${azureUrl}, storage ${blobPort}`;
}

async function show(
  system: RunningSystem,
  ear: ReturnType<typeof makeEventEar>,
  signal: AbortSignal,
): Promise<void> {
  const azure = makeAzureWire(system.azureUrl);
  const app = makeAppClient(system.hostUrl, system.headers);
  const { vault, name, service } = SHOWN;
  try {
    if ((await readCertificate(azure, vault, name)) === undefined) {
      say(`\n${vault} has no ${name} any more, so there is no rotation to show.`);
      return;
    }
    // The first sweep has found it by then; what else it looks at takes its time.
    await waitUntilVerified(app, SHOWN, signal);
    say(`\n${name} in ${vault} gets a new version; ${service} uses it.`);
    const seen = await watchRotation({ azure, app, ear }, SHOWN, signal);
    const { before, after, eventSeconds, rotatedSeconds, verifiedSeconds } = seen;
    const from = before === undefined ? 'nothing' : shortThumbprint(before);
    if (eventSeconds !== undefined) sayStep(eventSeconds, 'event', 'Key Vault told Certkeeper');
    sayStep(rotatedSeconds, 'rotated', `${from} -> ${shortThumbprint(after)} in ${service}`);
    sayStep(verifiedSeconds, 'verified', `API Management reports ${after}`);
  } catch (error) {
    if (signal.aborted) return;
    complain(`The rotation was not seen: ${(error as Error).message}`);
    complain(`The logs in ${system.logDir} may say why. Everything stays up.`);
  }
}

/** Lets the rest of Fabrikam's troubles come, once: they take Certkeeper to have been there before. */
async function showFabrikam(
  system: RunningSystem,
  options: StartOptions,
  signal: AbortSignal,
): Promise<void> {
  const azure = makeAzureWire(system.azureUrl);
  const app = makeAppClient(system.hostUrl, system.headers);
  try {
    if (!system.fabrikam || !(await goesOn(azure))) return;
    const { connectionString } = system.storage;
    await goOn({ azure, app, addRow: (row) => addTableRow(connectionString, row) }, signal);
    say(`Fabrikam has all its troubles now:  ${commandLine('audit', system, options)}`);
  } catch (error) {
    if (signal.aborted) return;
    complain(`Not all of Fabrikam's troubles came about: ${(error as Error).message}`);
  }
}

function sayStep(seconds: number, step: string, what: string): void {
  say(`  ${seconds.toFixed(2).padStart(5)} s  ${step.padEnd(8)}  ${what}`);
}

/** Where the command line looks for Certkeeper unless it is told otherwise: docs/command-line.md. */
const COMMAND_LINE_URL = 'http://127.0.0.1:7071';

/** A command as it is to be typed here. */
function commandLine(
  command: string,
  { hostUrl }: RunningSystem,
  { requireKeys }: StartOptions,
): string {
  const key = requireKeys ? 'CERTKEEPER_KEY=$KEY ' : '';
  const elsewhere = hostUrl === COMMAND_LINE_URL ? '' : ` --url ${hostUrl}`;
  return `${key}npx certkeeper ${command}${elsewhere}`;
}

function sayWhatNext(system: RunningSystem, options: StartOptions): void {
  const { hostUrl, logDir, applicationId } = system;
  const header = options.requireKeys ? ' -H "x-functions-key: $KEY"' : '';
  say(`\nWhat Certkeeper keeps:  ${commandLine('list', system, options)}`);
  say(`The same over HTTP:     curl${header} ${hostUrl}/api/certificates`);
  const door = options.requireKeys ? '/open' : '';
  say(`And in a browser:       ${hostUrl}/api/dashboard${door}`);
  if (applicationId !== undefined) say(`Its Entra application:  ${applicationId} (contoso-deploy)`);
  if (options.requireKeys) {
    say(`KEY is functionDefault in ${path.join(options.stateDir, 'host', 'keys.json')}`);
  }
  say(`Logs are in ${path.relative(process.cwd(), logDir) || logDir}. Ctrl-C stops everything.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

main().catch((error: unknown) => {
  const expected = [UsageError, PortInUseError, StateFolderError, HostStartError].some(
    (kind) => error instanceof kind,
  );
  complain(error instanceof Error ? (expected ? error.message : describe(error)) : String(error));
  process.exit(error instanceof UsageError ? 2 : 1);
});

function describe(error: Error): string {
  return `Certkeeper could not start: ${error.stack ?? error.message}`;
}
