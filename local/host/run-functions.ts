import type { DurableExtension } from './durable/extension.ts';
import { makeEventGridWebhook } from './event-grid/webhook.ts';
import type { HostedFunction, HttpFunction, TimerFunction } from './function-index.ts';
import type { HostSettings } from './host-settings.ts';
import { makeAccess } from './http/access.ts';
import { makeAdmin } from './http/admin.ts';
import { makeDispatch } from './http/dispatch.ts';
import { DASHBOARD, frontPage } from './http/front-page.ts';
import type { RequestHandler } from './http/listen.ts';
import { makeRouteTable } from './http/route-table.ts';
import type { HostKeys } from './keys.ts';
import type { HostLog } from './log.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import { HostStartError, messageOf } from './start-error.ts';
import type { HostFunctionSummary, MakeDurableExtension } from './start-host.ts';
import { makeScheduleStatusStore } from './timers/schedule-status.ts';
import { parseSchedule, type Schedule } from './timers/schedule.ts';
import { makeTimer, systemClock, type Timer } from './timers/timer.ts';
import { makeInvoker, type Invoker } from './worker/invoke.ts';
import type { AppRegistry, Binding } from './worker/registry.ts';
import { retrying } from './worker/retry.ts';
import { fromTypedData, toTypedData } from './worker/rpc.ts';

export interface RunFunctionsOptions {
  readonly functions: readonly HostedFunction[];
  readonly settings: HostSettings;
  readonly registry: AppRegistry;
  readonly keys: HostKeys;
  readonly keysWaived: boolean;
  readonly signIn: SignIn | undefined;
  readonly log: HostLog;
  readonly url: string;
  readonly hostId: string;
  readonly stateDir: string;
  /** Bytes. */
  readonly bodyLimit: number;
  /** IANA name. */
  readonly timeZone: string;
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
  const { functions, keys, log, url } = options;
  const http = functions.filter((fn) => fn.kind === 'httpTrigger');
  const routes = makeRouteTable(http, options.settings.routePrefix);
  const routeOf = (fn: HostedFunction) =>
    fn.kind === 'httpTrigger' ? routes.addressOf(fn) : undefined;

  const invoker = makeInvoker({ registry: options.registry, log, inputValue });
  const timers = makeTimers(options, invoker);
  const durable = await makeDurable(options, invoker);
  function inputValue(binding: Binding): unknown {
    const { taskHub, connectionName } = binding;
    return durable?.clientBinding({
      ...(typeof taskHub === 'string' ? { taskHub } : {}),
      ...(typeof connectionName === 'string' ? { connectionName } : {}),
    });
  }
  const handle = makeDispatch({
    ...{ routes, durable, log, signIn: options.signIn, bodyLimit: options.bodyLimit },
    access: makeAccess(keys, options.keysWaived),
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
  const extension = make({
    ...{ stateDir, baseUrl: url, systemKey: keys.durable, settings: settings.durableTask },
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
      invoke: async (input) => {
        const trigger = { name: triggerName, data: toTypedData(input), reason: 'Durable' };
        const { returnValue } = await invoker.invoke(registered, trigger);
        return fromTypedData(returnValue);
      },
    });
  }
  return extension;
}

function makeTimers(options: RunFunctionsOptions, invoker: Invoker): Map<string, Timer> {
  const store = makeScheduleStatusStore(options.stateDir);
  const timers = new Map<string, Timer>();
  for (const fn of options.functions) {
    if (fn.kind !== 'timerTrigger' || fn.disabled) continue;
    const timer = makeTimer({
      ...{ name: fn.name, clock: systemClock, store, schedule: readSchedule(fn, options.timeZone) },
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

function readSchedule(fn: TimerFunction, timeZone: string): Schedule {
  try {
    return parseSchedule(fn.schedule, timeZone);
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
    kind: fn.kind,
    ...(fn.kind === 'httpTrigger' && route !== undefined ? { route, methods: fn.methods } : {}),
    ...(fn.disabled ? { disabled: true } : {}),
  };
}
