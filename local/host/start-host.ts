import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describeAppError } from './app-error.ts';
import type { DurableExtension, DurableExtensionOptions } from './durable/extension.ts';
import { captureConsole } from './console-capture.ts';
import { readCorsSettings } from './cors-settings.ts';
import { indexFunctions } from './function-index.ts';
import { readHostSettings, type HostSettings } from './host-settings.ts';
import type { CorsSettings } from './http/cors.ts';
import { listen, type Listener } from './http/listen.ts';
import { loadKeys, type HostKeys } from './keys.ts';
import { makeLog, type HostLog, type HostLogLine } from './log.ts';
import { startFunctions, type RunningFunctions } from './run-functions.ts';
import type { TestPrincipal } from './sign-in/principal.ts';
import { makeSignIn, type SignInOptions } from './sign-in/sign-in.ts';
import { requireHostOptions } from './require-host-options.ts';
import { HostStartError } from './start-error.ts';
import { readTimeZone } from './timers/time-zone.ts';
import { provideCoreModule } from './worker/core-module.ts';
import { loadApp, readPackage } from './worker/load-app.ts';
import { AppHookContext, runHooks } from './worker/hooks.ts';
import { makeRegistry, type AppRegistry, type RegisteredFunction } from './worker/registry.ts';

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
  /** Other origins whose pages may call; without it, those of `CORS_ALLOWED_ORIGINS`. */
  readonly cors?: CorsSettings;
  readonly log?: (line: HostLogLine) => void;
  /** Logs what anything in this process writes to `console`, as `Host.Function.Console`. */
  readonly captureConsole?: boolean;
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
const patienceMs = 10_000;
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
  requireHostOptions(options);
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
  const appPackage = readPackage(appDir);
  requireNodeRuntime(environment['FUNCTIONS_WORKER_RUNTIME']);
  const settings = readHostSettings(appDir, environment);
  const log = makeLog(settings.logLevels, options.log ?? (() => undefined));
  const cors = readCorsSettings(environment, options.cors);
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
  if (options.captureConsole === true) {
    undo.push(captureConsole((level, text) => log(level, 'Host.Function.Console', text)));
  }
  const stillLoading = setTimeout(() => {
    log('warning', 'Host.Startup', `The app has been loading for ${patienceMs / 1000} s.`);
  }, patienceMs);
  await loadApp(appPackage, registry).finally(() => clearTimeout(stillLoading));
  const httpUri = await askForHttpUri(registry);
  const functions = indexFunctions(chosenFunctions(registry, settings), process.env);

  const running = await startFunctions({
    ...{ functions, settings, registry, keys, signIn, log, url, stateDir, makeDurable },
    hostId: createHash('sha256').update(appDir).digest('hex').slice(0, 32),
    keysWaived: options.keys === 'waived',
    bodyLimit: readBodyLimit(process.env['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT']),
    ...{ cors, httpUri },
    timeZone: () => readTimeZone(process.env),
  });
  listener.serve(running.handle);
  log('debug', 'Host.Startup', `The host started at ${url}.`);

  let stopping: Promise<void> | undefined;
  return {
    url,
    get keys() {
      return keys.own;
    },
    bearer: signIn?.bearer,
    functions: running.summaries,
    stop: () => (stopping ??= stop({ listener, running, registry, appDir, undo, log })),
  };
}

/** What is there to be stopped. */
interface Started {
  readonly listener: Listener;
  readonly running: RunningFunctions;
  readonly registry: AppRegistry;
  readonly appDir: string;
  readonly undo: (() => unknown)[];
  readonly log: HostLog;
}

async function stop({ listener, running, registry, appDir, undo, log }: Started): Promise<void> {
  listener.refuse();
  const ended = await running.stop(graceMs);
  if (!ended) {
    log('warning', 'Host', `Invocations ran longer than ${graceMs / 1000} s and were left behind.`);
  }
  try {
    const hooks = runHooks(registry, 'appTerminate', new AppHookContext(registry, appDir));
    const late = wait(graceMs, 'late', { ref: false });
    if ((await Promise.race([hooks, late])) === 'late') {
      log('warning', 'Worker', `appTerminate hooks took longer than ${graceMs / 1000} s.`);
    }
  } catch (error) {
    log('error', 'Worker', `An appTerminate hook threw: ${describeAppError(error, appDir)}`);
  }
  // Answers of what has ended are on their way: give them a moment, then free the port.
  await listener.close(1_000);
  for (const step of undo.reverse()) await step();
}

/** Thrown when the setting asks for another language's worker: HostStartError. */
function requireNodeRuntime(runtime: string | undefined): void {
  if (runtime === undefined || /^(node)?$/i.test(runtime)) return;
  throw new HostStartError(
    'RUNTIME_UNSUPPORTED',
    `FUNCTIONS_WORKER_RUNTIME is "${runtime}"; this host runs apps for "node" only.`,
  );
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

/** Functions that `functions` of host.json names, or else all of them. */
function chosenFunctions(registry: AppRegistry, settings: HostSettings): RegisteredFunction[] {
  const wanted = settings.functions;
  const all = [...registry.functions.values()];
  return wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name));
}

/**
 * Ends the app's set-up, as the worker does, and learns where it takes HTTP requests as streams:
 * the capability `HttpUri` (`app.setup({ enableHttpStream: true })`); undefined when it does not.
 */
async function askForHttpUri(registry: AppRegistry): Promise<string | undefined> {
  const capabilities = await registry.programmingModel?.getCapabilities?.({});
  return capabilities?.['HttpUri'];
}

const defaultBodyLimit = 100 * 1024 * 1024;

/** The setting's name and default are Azure's: 100 MB. */
function readBodyLimit(text: string | undefined): number {
  const limit = Number(text ?? defaultBodyLimit);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : defaultBodyLimit;
}
