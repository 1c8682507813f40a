/** `npm run start:func`: Azure Functions Core Tools on the built app, beside the same local Azure. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { readFolder, readOptions, readPort, UsageError } from './console/options.ts';
import { onStopSignal } from './console/stop-signals.ts';
import { CORE_TOOLS_MISSING, EXIT_CORE_TOOLS_MISSING, findCoreTools } from './func/core-tools.ts';
import { ensureLocalSettings } from './func/local-settings.ts';
import { requireFreePorts } from './free-ports.ts';
import { PortInUseError } from './port-in-use.ts';
import { repositoryRoot } from './repository.ts';
import { makeAzureWire } from './seed/azure-wire.ts';
import { subscribeEvents } from './seed/subscribe-events.ts';
import { lockState, StateFolderError } from './state-lock.ts';
import { startSurroundings } from './surroundings.ts';

const USAGE = `Runs Certkeeper with Azure Functions Core Tools, beside Azurite and a simulated Azure.

  --port P          Core Tools (default: 7071)
  --azure-port P    the simulated Azure (default: 7072)
  --storage-port P  blob storage; queue and table take the next two (default: 10000)
  --state DIR       what outlives the program (default: .local)
  --help            this text

A local.settings.json that is there stays as it is; what this command sets comes before it.
`;
/** Core Tools download their extension bundle at the first start. */
const UP_WITHIN_MS = 300_000;

async function main(): Promise<number> {
  const values = readOptions(process.argv.slice(2), {
    port: { type: 'string', default: '7071' },
    'azure-port': { type: 'string', default: '7072' },
    'storage-port': { type: 'string', default: '10000' },
    state: { type: 'string', default: path.join(repositoryRoot(), '.local') },
    help: { type: 'boolean', default: false },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const port = readPort('--port', values.port);
  const azurePort = readPort('--azure-port', values['azure-port']);
  const storagePort = readPort('--storage-port', values['storage-port'], 2);
  const stateDir = readFolder('--state', values.state);

  const version = await findCoreTools();
  if (version === undefined) {
    process.stderr.write(CORE_TOOLS_MISSING);
    return EXIT_CORE_TOOLS_MISSING;
  }
  await using undo = new AsyncDisposableStack();
  const lock = lockState(stateDir);
  undo.defer(() => lock.release());
  await requireFreePorts([
    { port, use: 'Functions host', option: '--port' },
    { port: azurePort, use: 'simulated Azure', option: '--azure-port' },
  ]);
  const { azure, storage, fleet, settings } = await startSurroundings(
    { azurePort, storagePort, stateDir, fleet: 'whole' },
    () => undefined,
    (stop) => undo.defer(stop),
  );
  const root = repositoryRoot();
  say(`local.settings.json was ${ensureLocalSettings(root)}.`);
  say(`Azure ${azure.url}, storage ${storage.blobUrl}, Core Tools ${version} at port ${port}.`);

  const child = spawn('func', ['start', '--port', String(port)], {
    cwd: root,
    env: { ...process.env, FUNCTIONS_WORKER_RUNTIME: 'node', ...settings },
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const ended = endOf(child);
  onStopSignal(
    () => void child.kill('SIGTERM'),
    () => void child.kill('SIGKILL'),
  );
  const url = `http://127.0.0.1:${String(port)}`;
  if (await isUp(`${url}/api/health`, ended)) {
    // Core Tools ask webhooks on this machine for no key.
    await subscribeEvents(makeAzureWire(azure.url), fleet?.vaultIds ?? [], {
      url,
      eventGridKey: 'none',
    });
    say('Key Vault tells Certkeeper of new versions from now on. Ctrl-C stops everything.');
  }
  return await ended;
}

async function endOf(child: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 0)));
  });
}

/** Whether anything answers there before the process ends, or in time. */
async function isUp(url: string, ended: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  void ended.then(
    () => over.abort(),
    () => over.abort(),
  );
  const deadline = Date.now() + UP_WITHIN_MS;
  while (!over.signal.aborted && Date.now() < deadline) {
    const answer = await fetch(url, { signal: over.signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return false;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const expected = [UsageError, PortInUseError, StateFolderError].some(
      (kind) => error instanceof kind,
    );
    const text = error instanceof Error ? (expected ? error.message : error.stack) : String(error);
    process.stderr.write(`${text ?? ''}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
