import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { openDatabase } from '../../local/host/durable/database.ts';
import { Engine } from '../../local/host/durable/engine.ts';
import type { DurableFunction } from '../../local/host/durable/extension.ts';
import {
  isFinished,
  type HistoryEvent,
  type RuntimeStatus,
} from '../../local/host/durable/history.ts';
import { fromStoredText } from '../../local/host/durable/json.ts';
import { readSettings } from '../../local/host/durable/settings.ts';
import { makeStore, type Store } from '../../local/host/durable/store.ts';
import { registeredFunctions } from './functions-core.ts';

export interface OrchestrationKitOptions {
  /** Orchestrators by name; registered through `df.app.orchestration`. */
  readonly orchestrators: Readonly<Record<string, df.OrchestrationHandler>>;
  /** Fake or real activities by name; what they throw, the orchestrator sees as it would in Azure. */
  readonly activities?: Readonly<Record<string, FakeActivity>>;
  /**
   * Whether the clock jumps to the next timer when nothing else can go on (default true). Without
   * it timers fire only by `advance`.
   */
  readonly autoAdvance?: boolean;
  /** What the clock shows at first (default 2026-01-01T00:00:00Z). It moves only as told. */
  readonly startAt?: string;
  /** `extensions.durableTask` of host.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * By default every turn reads the history from the disk and replays all of it; `cached` keeps
   * histories in memory as the host does.
   */
  readonly replay?: 'always' | 'cached';
}

/** Parameters differ from activity to activity: `never` lets each declare its own. */
export type FakeActivity = (input: never) => unknown;

export interface ActivityCall {
  readonly name: string;
  readonly input: unknown;
  /** When it began, by the kit's clock: ISO 8601. */
  readonly at: string;
}

export interface OrchestrationResult {
  readonly instanceId: string;
  readonly status: RuntimeStatus;
  readonly input: unknown;
  /** The orchestrator's output; the error's text when it failed. */
  readonly output: unknown;
  readonly customStatus: unknown;
  /** Each custom status the orchestration had, in order, without repetitions in a row. */
  readonly customStatuses: readonly unknown[];
  /** Activities that were called since the kit was made, by any orchestration. */
  readonly calls: readonly ActivityCall[];
  readonly history: readonly HistoryEvent[];
}

export interface OrchestrationKit {
  /** Starts an orchestration and settles. */
  run(
    orchestrator: string,
    input?: unknown,
    options?: { readonly instanceId?: string },
  ): Promise<OrchestrationResult>;
  /** Starts an orchestration and returns its id. */
  start(orchestrator: string, input?: unknown, options?: { readonly instanceId?: string }): string;
  /** Waits until nothing can go on but by an event or (without `autoAdvance`) by a timer. */
  settle(): Promise<void>;
  /** Moves the clock and settles. */
  advance(ms: number): Promise<void>;
  /** Raises an external event; settle afterwards. */
  raise(instanceId: string, name: string, data?: unknown): void;
  terminate(instanceId: string, reason?: string): void;
  suspend(instanceId: string, reason?: string): void;
  resume(instanceId: string, reason?: string): void;
  /** What is known of an orchestration now. Thrown when there is none of this id. */
  result(instanceId: string): OrchestrationResult;
  /** Every activity call so far, in order. */
  readonly calls: readonly ActivityCall[];
  /** Lines the engine logged. */
  readonly log: readonly string[];
  /** Waits until a condition holds that running work will bring about. */
  until(condition: () => boolean): Promise<void>;
  now(): Date;
  /** Sets the clock, forwards or back; timers that are due by it fire. */
  setClock(time: Date): void;
  /** Stops the engine and, some time later, starts a new one on the same database. */
  restart(options?: { readonly afterMs?: number }): Promise<void>;
  /** Stops and removes everything. */
  stop(): Promise<void>;
}

/**
 * Runs orchestrators on the local host's engine, through the real `durable-functions` library,
 * with activities of the test's making and a clock that the test moves.
 */
export async function makeOrchestrationKit(
  options: OrchestrationKitOptions,
): Promise<OrchestrationKit> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'orchestration-kit-'));
  const autoAdvance = options.autoAdvance ?? true;
  let now = Date.parse(options.startAt ?? '2026-01-01T00:00:00Z');
  let nextId = 1;
  const calls: ActivityCall[] = [];
  const log: string[] = [];
  const customStatuses = new Map<string, (string | null)[]>();
  const functions = toFunctions(options, (call) => {
    calls.push({ ...call, at: new Date(now).toISOString() });
  });

  function open(): Engine {
    const store = recordStatuses(makeStore(openDatabase(stateDir)), customStatuses);
    const engine = new Engine({
      store,
      settings: readSettings(options.settings ?? {}),
      log: (level, message) => log.push(`${level}: ${message}`),
      now: () => now,
      ...(options.replay !== 'cached' && { cacheCapacity: 0 }),
    });
    for (const fn of functions) engine.register(fn);
    engine.start();
    return engine;
  }
  let engine = open();

  async function settle(): Promise<void> {
    for (;;) {
      await engine.whenQuiet();
      const next = engine.store.nextTimerAt();
      if (next === undefined || (next > now && !autoAdvance)) return;
      now = Math.max(now, next);
      engine.checkTimers();
    }
  }

  function result(instanceId: string): OrchestrationResult {
    const instance = engine.store.find(instanceId);
    if (instance === undefined) throw new Error(`There is no orchestration '${instanceId}'.`);
    return {
      instanceId,
      status: instance.status,
      input: fromStoredText(instance.input),
      output: fromStoredText(instance.output),
      customStatus: fromStoredText(instance.customStatus),
      customStatuses: (customStatuses.get(instanceId) ?? []).map(fromStoredText),
      calls: [...calls],
      // Written by the engine, one list of events for each turn.
      history: JSON.parse(`[${engine.store.history(instanceId).join(',')}]`) as HistoryEvent[],
    };
  }

  const kit: OrchestrationKit = {
    start(name, input, { instanceId = `kit-${nextId++}` } = {}) {
      const created = engine.create({
        id: instanceId,
        name,
        version: appVersion(),
        input: input === undefined ? null : JSON.stringify(input),
        parent: null,
      });
      if (created.kind === 'exists') {
        throw new Error(`Orchestration '${instanceId}' is ${created.status}.`);
      }
      return instanceId;
    },
    async run(name, input, runOptions) {
      const instanceId = kit.start(name, input, runOptions);
      await settle();
      return result(instanceId);
    },
    settle,
    async advance(ms) {
      const target = now + ms;
      await engine.whenQuiet();
      // Timer by timer, so that what one of them sets off sees the time it fired at.
      for (;;) {
        const next = engine.store.nextTimerAt();
        if (next === undefined || next > target) break;
        now = Math.max(now, next);
        engine.checkTimers();
        await engine.whenQuiet();
      }
      now = target;
    },
    raise(instanceId, name, data) {
      const instance = engine.store.find(instanceId);
      if (instance === undefined || isFinished(instance.status)) {
        throw new Error(`No orchestration '${instanceId}' takes events.`);
      }
      const at = new Date(now).toISOString();
      engine.send(instanceId, {
        kind: 'eventRaised',
        name,
        input: JSON.stringify(data ?? null),
        at,
      });
    },
    terminate: (id, reason = 'terminated by the test') => send(id, 'terminate', reason),
    suspend: (id, reason = 'suspended by the test') => send(id, 'suspend', reason),
    resume: (id, reason = 'resumed by the test') => send(id, 'resume', reason),
    result,
    calls,
    log,
    async until(condition) {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
    now: () => new Date(now),
    setClock(time) {
      now = time.getTime();
      engine.checkTimers();
    },
    async restart({ afterMs = 0 } = {}) {
      await engine.stop(10_000);
      now += afterMs;
      engine = open();
    },
    async stop() {
      await engine.stop(10_000);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
  function send(id: string, kind: 'terminate' | 'suspend' | 'resume', reason: string): void {
    engine.send(id, { kind, reason, at: new Date(now).toISOString() });
  }
  await engine.whenQuiet();
  return kit;
}

/**
 * Registers orchestrators and activities through `durable-functions` and gives them as a host hands
 * them to the engine.
 */
export function toFunctions(
  options: Pick<OrchestrationKitOptions, 'orchestrators' | 'activities'>,
  onCall: (call: { name: string; input: unknown }) => void = () => undefined,
): DurableFunction[] {
  for (const [name, handler] of Object.entries(options.orchestrators)) {
    df.app.orchestration(name, handler);
  }
  for (const [name, activity] of Object.entries(options.activities ?? {})) {
    if (name in options.orchestrators) throw new Error(`Two functions are named '${name}'.`);
    df.app.activity(name, {
      handler: (input: unknown) => {
        onCall({ name, input });
        // Whether the input is what the fake declares is for the test to know.
        return activity(input as never);
      },
    });
  }
  return [
    ...Object.keys(options.orchestrators).map((name) => toFunction(name, 'orchestrationTrigger')),
    ...Object.keys(options.activities ?? {}).map((name) => toFunction(name, 'activityTrigger')),
  ];
}

/** The version that host.json gives to what is started in the app. */
function appVersion(): string {
  const file = path.join(import.meta.dirname, '..', '..', 'host.json');
  const { extensions } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly extensions: { readonly durableTask: { readonly defaultVersion: string } };
  };
  return extensions.durableTask.defaultVersion;
}

/** Calls a registered function as the worker does: what goes in and what comes out is JSON. */
function toFunction(name: string, bindingType: DurableFunction['bindingType']): DurableFunction {
  const registered = registeredFunctions.get(name);
  if (registered === undefined) throw new Error(`Function '${name}' was not registered.`);
  return {
    name,
    bindingType,
    invoke: async (triggerInput) => {
      const context = new InvocationContext({
        functionName: name,
        invocationId: 'kit',
        logHandler: () => undefined,
      });
      const result = await registered.callback(fromStoredText(String(triggerInput)), context);
      const text: unknown = JSON.stringify(result);
      return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
    },
  };
}

function recordStatuses(store: Store, seen: Map<string, (string | null)[]>): Store {
  return {
    ...store,
    async commitTurn(turn) {
      const wake = await store.commitTurn(turn);
      const statuses = seen.get(turn.instance.id) ?? [];
      seen.set(turn.instance.id, statuses);
      const { customStatus } = turn;
      if (wake !== undefined && customStatus !== null && statuses.at(-1) !== customStatus) {
        statuses.push(customStatus);
      }
      return wake;
    },
  };
}
