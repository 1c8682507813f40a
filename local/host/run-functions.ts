import { resolveSettings } from './app-settings.ts';
import type { DurableExtension, DurableExtensionOptions } from './durable/extension.ts';
import { makeEventGridWebhook } from './event-grid/webhook.ts';
import type { HostedFunction, HttpFunction, TimerFunction } from './function-index.ts';
import type { HostSettings } from './host-settings.ts';
import { makeAccess } from './http/access.ts';
import { makeAdmin } from './http/admin.ts';
import { makeCors, type CorsSettings } from './http/cors.ts';
import { makeDispatch } from './http/dispatch.ts';
import { DASHBOARD, frontPage } from './http/front-page.ts';
import { makeKeysApi } from './http/keys-api.ts';
import type { RequestHandler } from './http/listen.ts';
import { makeRouteTable } from './http/route-table.ts';
import { makeThrottle } from './http/throttle.ts';
import type { KeyRing } from './keys.ts';
import type { HostLog } from './log.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import { HostStartError, messageOf } from './start-error.ts';
import type { HostFunctionSummary, MakeDurableExtension } from './start-host.ts';
import { makeScheduleStatusStore } from './timers/schedule-status.ts';
import { parseSchedule, type Schedule } from './timers/schedule.ts';
import type { TimeZone } from './timers/time-zone.ts';
import { makeTimer, systemClock, type Timer } from './timers/timer.ts';
import { makeInvoker, type Invoker } from './worker/invoke.ts';
import type { AppRegistry, Binding } from './worker/registry.ts';
import { retrying } from './worker/retry.ts';
import { fromTypedData, toTypedData } from './worker/rpc.ts';

export interface RunFunctionsOptions {
  readonly functions: readonly HostedFunction[];
  readonly settings: HostSettings;
  readonly registry: AppRegistry;
  readonly keys: KeyRing;
  readonly keysWaived: boolean;
  readonly signIn: SignIn | undefined;
  readonly log: HostLog;
  readonly url: string;
  readonly hostId: string;
  readonly stateDir: string;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly cors: CorsSettings;
  /** Where the app takes requests as streams; undefined when it asked for none. */
  readonly httpUri: string | undefined;
  /** That of the timers; asked for only when there are any. */
  readonly timeZone: () => TimeZone;
  readonly makeDurable: () => Promise<MakeDurableExtension>;
}

export interface RunningFunctions {
  readonly handle: RequestHandler;
  readonly summaries: readonly HostFunctionSummary[];
  /** Starts nothing new and waits for what runs; true when all of it ended in time. */
  stop(graceMs: number): Promise<boolean>;
}

/** Puts every function behind its trigger and starts timers and the durable engine. */
export async function startFunctions(options: RunFunctionsOptions): Promise<RunningFunctions> {
  const { functions, keys, log, settings, url } = options;
  const http = functions.filter((fn) => fn.kind === 'httpTrigger');
  const routes = makeRouteTable(http, settings.http.routePrefix);
  const routeOf = (fn: HostedFunction) =>
    fn.kind === 'httpTrigger' ? routes.addressOf(fn) : undefined;

  const invoker = makeInvoker({
    ...{ registry: options.registry, timeoutMs: settings.functionTimeoutMs, log, inputValue },
  });
  const timers = makeTimers(options, invoker);
  const durable = await makeDurable(options, invoker);
  function inputValue(binding: Binding): unknown {
    const { taskHub, connectionName } = binding;
    return durable?.clientBinding({
      ...(typeof taskHub === 'string'
        ? { taskHub: resolveSettings(taskHub, process.env, 'a durableClient, property "taskHub",') }
        : {}),
      ...(typeof connectionName === 'string' ? { connectionName } : {}),
    });
  }
  const handle = makeDispatch({
    ...{ routes, durable, log, signIn: options.signIn, bodyLimit: options.bodyLimit },
    httpUri: options.httpUri,
    access: makeAccess(keys, options.keysWaived),
    cors: makeCors(options.cors),
    throttle: makeThrottle(settings.http),
    customHeaders: settings.http.customHeaders,
    keysApi: makeKeysApi({ keys, baseUrl: url, functionNames: functions.map(({ name }) => name) }),
    eventGrid: makeEventGridWebhook({
      functions: functions.filter((fn) => fn.kind === 'eventGridTrigger'),
      log: (level, message) => log(level, 'Host.Triggers.EventGrid', message),
      invoke: (fn, event) => invoker.invoke(fn.registered, eventTrigger(fn.triggerName, event)),
    }),
    admin: makeAdmin({
      ...{ functions, routeOf, baseUrl: url, hostId: options.hostId },
      run: (fn, input) => void runManually(fn, input, timers, invoker),
    }),
    invoke: async ({ fn }, trigger) => {
      const named = { ...trigger, name: fn.triggerName };
      return httpOutput(fn, await invoker.invoke(fn.registered, named));
    },
    frontPage: frontPage(
      functions.length,
      http.map((fn) => routes.addressOf(fn)).find((address) => address.endsWith(DASHBOARD)),
    ),
  });

  try {
    await durable?.start();
  } catch (error) {
    // Its message says which folder and what to do; nothing else than the state can be at fault.
    throw new HostStartError('STATE_UNUSABLE', messageOf(error), { cause: error });
  }
  for (const timer of timers.values()) timer.start();
  return {
    handle,
    summaries: functions.map((fn) => summarise(fn, routeOf(fn))),
    stop: async (graceMs) => {
      for (const timer of timers.values()) timer.stop();
      // The engine first: from its call on it takes no new work, so that draining can end.
      const [, ended] = await Promise.all([durable?.stop(graceMs), invoker.drain(graceMs)]);
      invoker.close();
      return ended;
    },
  };
}

async function makeDurable(
  { functions, settings, keys, log, url, stateDir, makeDurable: load }: RunFunctionsOptions,
  invoker: Invoker,
): Promise<DurableExtension | undefined> {
  const isDurable = (type: string) =>
    /^(orchestrationTrigger|activityTrigger|entityTrigger|durableClient|orchestrationClient)$/i.test(
      type,
    );
  const wanted = functions.some(({ registered }) =>
    Object.values(registered.bindings).some(({ type }) => isDurable(type)),
  );
  if (!wanted) return undefined;
  const make = await load();
  const levels = { debug: 'debug', info: 'information', warn: 'warning', error: 'error' } as const;
  const extension = makeFrom(make, {
    ...{ stateDir, baseUrl: url, settings: settings.durableTask },
    // Whoever changes the key gets addresses with the new one.
    get systemKey() {
      return keys.own.durable;
    },
    log: (level, message) => log(levels[level], 'Host.Triggers.DurableTask', message),
  });
  for (const { kind, name, registered, triggerName, disabled } of functions) {
    if (disabled) continue;
    if (kind !== 'orchestrationTrigger' && kind !== 'activityTrigger' && kind !== 'entityTrigger') {
      continue;
    }
    extension.register({
      name,
      bindingType: kind,
      invoke: async (input, trace) => {
        const data = toTypedData(input);
        const trigger = { name: triggerName, data, reason: 'Durable', ...trace };
        const { returnValue } = await invoker.invoke(registered, trigger);
        return fromTypedData(returnValue);
      },
    });
  }
  return extension;
}

/** What it throws is about `extensions.durableTask` of host.json, and says what to change there. */
function makeFrom(make: MakeDurableExtension, options: DurableExtensionOptions): DurableExtension {
  try {
    return make(options);
  } catch (error) {
    throw new HostStartError('HOST_JSON_INVALID', messageOf(error), { cause: error });
  }
}

function makeTimers(options: RunFunctionsOptions, invoker: Invoker): Map<string, Timer> {
  const store = makeScheduleStatusStore(options.stateDir);
  const timers = new Map<string, Timer>();
  let zone: TimeZone | undefined;
  for (const fn of options.functions) {
    if (fn.kind !== 'timerTrigger' || fn.disabled) continue;
    zone ??= options.timeZone();
    const timer = makeTimer({
      ...{ name: fn.name, clock: systemClock, store, zone, schedule: readSchedule(fn, zone) },
      ...{ runOnStartup: fn.runOnStartup, useMonitor: fn.useMonitor },
      log: (level, message) => options.log(level, 'Host.Triggers.Timer', message),
      invoke: retrying(fn.registered.retryOptions, (payload, reason, retryContext) =>
        invoker.invoke(fn.registered, {
          ...{ name: fn.triggerName, data: toTypedData(payload), reason },
          ...(retryContext === undefined ? {} : { retryContext }),
        }),
      ),
    });
    timers.set(fn.name, timer);
  }
  return timers;
}

function readSchedule(fn: TimerFunction, zone: TimeZone): Schedule {
  try {
    return parseSchedule(fn.schedule, zone);
  } catch (error) {
    throw new HostStartError(
      'FUNCTION_INVALID',
      `The schedule of function "${fn.name}" cannot be used: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

function eventTrigger(name: string, event: Readonly<Record<string, unknown>>) {
  return {
    name,
    data: { json: JSON.stringify(event) },
    metadata: { data: toTypedData(event['data'] ?? null) },
    reason: 'Event Grid',
  };
}

/** `POST /admin/functions/{name}`: failures end in the log, since nobody waits for the answer. */
async function runManually(
  fn: HostedFunction,
  input: unknown,
  timers: ReadonlyMap<string, Timer>,
  invoker: Invoker,
): Promise<void> {
  const reason = 'Called by hand';
  const timer = timers.get(fn.name);
  if (timer !== undefined) return timer.runNow(reason);
  try {
    const data = toTypedData(input ?? null);
    await invoker.invoke(fn.registered, { name: fn.triggerName, data, reason });
  } catch {
    // Logged by the invoker.
  }
}

function httpOutput(fn: HttpFunction, response: Awaited<ReturnType<Invoker['invoke']>>) {
  const bindings = fn.registered.bindings;
  if (bindings['$return']?.type.toLowerCase() === 'http')
    return response.returnValue?.http ?? undefined;
  const name = Object.keys(bindings).find((key) => bindings[key]?.type.toLowerCase() === 'http');
  return response.outputData?.find((output) => output.name === name)?.data?.http ?? undefined;
}

function summarise(fn: HostedFunction, route: string | undefined): HostFunctionSummary {
  return {
    name: fn.name,
    kind: fn.kind === 'unsupported' ? fn.type : fn.kind,
    ...(fn.kind === 'httpTrigger' && route !== undefined ? { route, methods: fn.methods } : {}),
    ...(fn.disabled ? { disabled: true } : {}),
  };
}
