import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { DurableExtension, DurableExtensionOptions } from './durable/extension.ts';
import { indexFunction, type HostedFunction } from './function-index.ts';
import { readHostSettings, type HostSettings } from './host-settings.ts';
import { listen, type Listener } from './http/listen.ts';
import { loadKeys, type HostKeys } from './keys.ts';
import { makeLog, type HostLog, type HostLogLine } from './log.ts';
import { startFunctions, type RunningFunctions } from './run-functions.ts';
import type { TestPrincipal } from './sign-in/principal.ts';
import { makeSignIn, type SignInOptions } from './sign-in/sign-in.ts';
import { HostStartError } from './start-error.ts';
import { provideCoreModule } from './worker/core-module.ts';
import { loadApp } from './worker/load-app.ts';
import { makeRegistry, runHooks, type AppRegistry } from './worker/registry.ts';

export interface HostOptions {
  /** The folder with the app's package.json (its `main`) and host.json. */
  readonly appDir: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Keys, the task hub and what is remembered of timers live here; made when missing. */
  readonly stateDir: string;
  /** App settings; they are put into `process.env` before the app is loaded. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `waived`: HTTP functions need no key, as in Core Tools. `/runtime/webhooks/*` and `/admin`
   * always do. Without it: `required`.
   */
  readonly keys?: 'required' | 'waived';
  /**
   * Puts a sign-in in front of the app, as App Service's authentication would be, and tells the
   * app so (`WEBSITE_AUTH_ENABLED`). It asks for no proof. Without it: none.
   */
  readonly signIn?: SignInOptions;
  readonly log?: (line: HostLogLine) => void;
}

export interface RunningHost {
  /** `http://127.0.0.1:7071`, without a slash at the end. */
  readonly url: string;
  readonly keys: HostKeys;
  /** `Authorization` for a principal; undefined when there is no sign-in. */
  readonly bearer: ((principal: TestPrincipal) => string) | undefined;
  readonly functions: readonly HostFunctionSummary[];
  /** Lets running invocations end (within ten seconds) and frees the port. Twice is harmless. */
  stop(): Promise<void>;
}

export interface HostFunctionSummary {
  readonly name: string;
  /** The trigger's type: `httpTrigger`, `timerTrigger`… */
  readonly kind: string;
  /** `/api/certificates/{name}`; HTTP functions only. */
  readonly route?: string;
  /** Upper case, empty for any; HTTP functions only. */
  readonly methods?: readonly string[];
  /** Switched off by a setting: it is not run. */
  readonly disabled?: boolean;
}

export type MakeDurableExtension = (options: DurableExtensionOptions) => DurableExtension;

const graceMs = 10_000;
let busy = false;

/**
 * Starts a host with the given engine behind the Durable bindings; see {@link HostOptions}.
 * A process runs one host at a time: the app's modules reach it through a module of fixed name,
 * and Node keeps them for the life of the process, so an app is loaded once per process, too.
 * Thrown when the app or its surroundings are not fit to start: HostStartError.
 * @param makeDurable called only when the app has something durable
 */
export async function startHostWith(
  options: HostOptions,
  makeDurable: () => Promise<MakeDurableExtension>,
): Promise<RunningHost> {
  if (busy) {
    throw new HostStartError('ALREADY_RUNNING', 'A process runs one Functions host at a time.');
  }
  busy = true;
  const undo: (() => unknown)[] = [() => (busy = false)];
  try {
    return await start(options, makeDurable, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function start(
  options: HostOptions,
  makeDurable: () => Promise<MakeDurableExtension>,
  undo: (() => unknown)[],
): Promise<RunningHost> {
  const appDir = resolve(options.appDir);
  const stateDir = resolve(options.stateDir);
  const environment = { ...process.env, ...options.env };
  const settings = readHostSettings(appDir, environment);
  const log = makeLog(settings.logLevels, options.log ?? (() => undefined));
  const keys = loadKeys(stateDir);
  const listener = await listen(options.port);
  undo.push(() => listener.close(0));

  const url = `http://127.0.0.1:${listener.port}`;
  Object.assign(process.env, platformSettings(listener.port, appDir, options), options.env);
  const signIn = options.signIn === undefined ? undefined : makeSignIn(options.signIn);
  const registry = makeRegistry();
  undo.push(
    provideCoreModule(registry, (level, category, message) =>
      log(level, category === 'user' ? 'Worker.User' : 'Worker', message),
    ),
  );
  await loadApp(appDir, registry);
  await refuseStreaming(registry);
  const functions = indexFunctions(registry, settings);

  const running = await startFunctions({
    ...{ functions, settings, registry, keys, signIn, log, url, stateDir, makeDurable },
    hostId: createHash('sha256').update(appDir).digest('hex').slice(0, 32),
    keysWaived: options.keys === 'waived',
    bodyLimit: readBodyLimit(process.env['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT']),
    timeZone: process.env['WEBSITE_TIME_ZONE'] ?? 'UTC',
  });
  listener.serve(running.handle);
  log('debug', 'Host.Startup', `The host started at ${url}.`);

  let stopping: Promise<void> | undefined;
  return {
    url,
    keys,
    bearer: signIn?.bearer,
    functions: running.summaries,
    stop: () => (stopping ??= stop(listener, running, registry, undo, log)),
  };
}

async function stop(
  listener: Listener,
  running: RunningFunctions,
  registry: AppRegistry,
  undo: (() => unknown)[],
  log: HostLog,
): Promise<void> {
  listener.refuse();
  const ended = await running.stop(graceMs);
  if (!ended) {
    log('warning', 'Host', `Invocations ran longer than ${graceMs / 1000} s and were left behind.`);
  }
  try {
    await runHooks(registry, 'appTerminate', { hookData: {}, appHookData: registry.appHookData });
  } catch (error) {
    log('error', 'Worker', `An appTerminate hook threw: ${String(error)}`);
  }
  // Answers of what has ended are on their way: give them a moment, then free the port.
  await listener.close(1_000);
  for (const step of undo.reverse()) await step();
}

/** What Azure sets and apps look for, as far as it is true here. */
function platformSettings(
  port: number,
  appDir: string,
  { signIn }: Pick<HostOptions, 'signIn'>,
): Record<string, string> {
  return {
    // durable-functions builds its addresses from it.
    WEBSITE_HOSTNAME: `127.0.0.1:${port}`,
    AzureWebJobsScriptRoot: appDir,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_AUTH_ENABLED: signIn === undefined ? 'False' : 'True',
    AZURE_FUNCTIONS_ENVIRONMENT: process.env['AZURE_FUNCTIONS_ENVIRONMENT'] ?? 'Development',
  };
}

function indexFunctions(registry: AppRegistry, settings: HostSettings): HostedFunction[] {
  const wanted = settings.functions;
  return [...registry.functions.values()]
    .filter(({ name }) => wanted === undefined || wanted.includes(name))
    .map((fn) => indexFunction(fn, process.env));
}

/** Ends the app's set-up, as the worker does, and learns whether HTTP bodies would be streamed. */
async function refuseStreaming(registry: AppRegistry): Promise<void> {
  const capabilities = await registry.programmingModel?.getCapabilities?.({});
  if (capabilities?.['HttpUri'] !== undefined) {
    throw new HostStartError(
      'FUNCTION_INVALID',
      'The app asks for HTTP streams (enableHttpStream), which this host does not support.',
    );
  }
}

const defaultBodyLimit = 100 * 1024 * 1024;

/** The setting's name and default are Azure's: 100 MB. */
function readBodyLimit(text: string | undefined): number {
  const limit = Number(text ?? defaultBodyLimit);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : defaultBodyLimit;
}
