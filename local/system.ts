/**
 * The whole of Certkeeper on one machine: Azurite, the simulated Azure, and the Functions host with
 * the built app. `npm start`, the demonstration, tests and measurements all bring it up here.
 */
import path from 'node:path';
import { requireFreePorts } from './free-ports.ts';
import {
  startHost,
  type HostKeys,
  type HostLogLine,
  type RunningHost,
  type SignInOptions,
} from './host/index.ts';
import { openLogFile, type LogFile } from './log-file.ts';
import { repositoryRoot } from './repository.ts';
import { makeAzureWire } from './seed/azure-wire.ts';
import { subscribeEvents } from './seed/subscribe-events.ts';
import { lockState } from './state-lock.ts';
import type { RunningStorage } from './storage/index.ts';
import { startSurroundings, type SurroundingsOptions } from './surroundings.ts';

export interface SystemOptions extends SurroundingsOptions {
  /** Port of the Functions host; 0 for any free one, as for the other two. */
  readonly port: number;
  /** Everything that must outlive the process, and the logs. */
  readonly stateDir: string;
  /** The app's folder; this repository's unless told. */
  readonly appDir?: string;
  /** Whether HTTP functions ask callers on this machine for a key; `waived` unless told. */
  readonly keys?: 'required' | 'waived';
  /** Puts a sign-in in front, and the app is told to go by it; without it, it goes by keys. */
  readonly signIn?: SignInOptions;
  /** App settings, over those that follow from the rest. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Hears, in a line for a person, that a part has ended by itself: only `stop` is left to do. */
  readonly onLost?: (message: string) => void;
  /** Hears every line of every log. */
  readonly onLine?: (line: SystemLine) => void;
}

export interface SystemLine {
  readonly from: 'host' | 'azure';
  readonly text: string;
  /** The host's line as it was; absent for others. */
  readonly host?: HostLogLine;
}

export interface RunningSystem {
  readonly hostUrl: string;
  readonly azureUrl: string;
  readonly storage: RunningStorage;
  readonly keys: HostKeys;
  /** With which the commands here call the app. */
  readonly headers: Readonly<Record<string, string>>;
  readonly logDir: string;
  /** Client id of the fleet's application; absent when there is no fleet. */
  readonly applicationId: string | undefined;
  /** Whether Fabrikam is there. */
  readonly fabrikam: boolean;
  /** Stops everything and frees every port. Twice is harmless. */
  stop(): Promise<void>;
}

/** Things to undo, last first, each whether or not the others fail. */
type Undo = (() => unknown)[];

/**
 * Starts everything and answers when all of it answers. One system to a process, since a process
 * loads an app once.
 *
 * Throws PortInUseError and StateFolderError, whose messages are for a person; whatever was started
 * until then is stopped again.
 */
export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const undo: Undo = [];
  try {
    return await start(options, undo);
  } catch (error) {
    await undoAll(undo);
    throw error;
  }
}

async function start(options: SystemOptions, undo: Undo): Promise<RunningSystem> {
  const stateDir = path.resolve(options.stateDir);
  const { port, azurePort, storagePort } = options;
  const lock = lockState(stateDir);
  undo.push(() => lock.release());
  const storagePorts = storagePort === 0 ? [] : [storagePort, storagePort + 1, storagePort + 2];
  await requireFreePorts([
    { port, use: 'Functions host', option: '--port' },
    { port: azurePort, use: 'simulated Azure', option: '--azure-port' },
    ...['blob', 'queue', 'table'].map((service, index) => ({
      port: storagePorts[index] ?? 0,
      use: `${service} storage`,
      option: '--storage-port',
    })),
  ]);

  const logDir = path.join(stateDir, 'logs');
  const logs = openLogs(logDir, options.onLine);
  undo.push(() => logs.close());
  const { azure, storage, fleet, settings } = await startSurroundings(
    { ...options, stateDir },
    (line) => logs.azure(line),
    (stop) => undo.push(stop),
  );
  const host = await startHost({
    appDir: options.appDir ?? repositoryRoot(),
    port,
    stateDir: path.join(stateDir, 'host'),
    keys: options.keys ?? 'waived',
    ...(options.signIn === undefined ? {} : { signIn: options.signIn }),
    env: {
      ...settings,
      ...(options.signIn === undefined ? {} : { CERTKEEPER_AUTH: 'entra' }),
      ...options.settings,
    },
    log: (line) => logs.host(line),
  });
  undo.push(() => host.stop());
  if (fleet !== undefined) {
    const eventGridKey = host.keys.eventGrid;
    const wire = makeAzureWire(azure.url);
    await subscribeEvents(wire, fleet.vaultIds, { url: host.url, eventGridKey });
  }
  const headers = ownHeaders(host, options);
  await requireAnswer(host, headers, logDir);
  lock.describe({ pid: process.pid, hostUrl: host.url, azureUrl: azure.url });
  let stopping: Promise<void> | undefined;
  return {
    hostUrl: host.url,
    azureUrl: azure.url,
    storage,
    keys: host.keys,
    headers,
    logDir,
    applicationId: fleet?.applicationId,
    fabrikam: fleet?.fabrikam ?? false,
    stop: () => (stopping ??= undoAll(undo)),
  };
}

/** Asks the app something that needs the app, its storage and its settings to be right. */
async function requireAnswer(
  host: RunningHost,
  headers: Readonly<Record<string, string>>,
  logDir: string,
): Promise<void> {
  const response = await fetch(`${host.url}/api/certificates`, { headers });
  await response.body?.cancel();
  if (response.ok) return;
  throw new Error(
    `The app answers ${response.status} where it should answer 200; see ${logDir}/host.log.`,
  );
}

/** With the key and, where there is a sign-in, as somebody with every role. */
function ownHeaders(
  { keys, bearer }: RunningHost,
  { signIn }: SystemOptions,
): Readonly<Record<string, string>> {
  return {
    'x-functions-key': keys.functionDefault,
    ...(bearer === undefined || signIn === undefined
      ? {}
      : { authorization: bearer({ name: 'Certkeeper itself', roles: signIn.roles }) }),
  };
}

interface SystemLogs {
  host(line: HostLogLine): void;
  azure(line: string): void;
  close(): void;
}

function openLogs(logDir: string, onLine: SystemOptions['onLine']): SystemLogs {
  const hostLog: LogFile = openLogFile(path.join(logDir, 'host.log'));
  const azureLog: LogFile = openLogFile(path.join(logDir, 'azure.log'));
  return {
    host(line) {
      const id = line.invocationId === undefined ? '' : ` ${line.invocationId.slice(0, 8)}`;
      const text = `${line.level} ${line.category}${id}: ${line.message}`;
      hostLog.write(text, line.at);
      onLine?.({ from: 'host', text, host: line });
    },
    azure(text) {
      azureLog.write(text);
      onLine?.({ from: 'azure', text });
    },
    close() {
      hostLog.close();
      azureLog.close();
    },
  };
}

async function undoAll(undo: Undo): Promise<void> {
  const failures: unknown[] = [];
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything stopped cleanly.');
}
