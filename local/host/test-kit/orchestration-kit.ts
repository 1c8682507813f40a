import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../durable/database.ts';
import { Engine } from '../durable/engine.ts';
import { toSchedulerId, type EntityId } from '../durable/entities/entity-id.ts';
import { isFinished, type HistoryEvent, type RuntimeStatus } from '../durable/history.ts';
import { makeHttpActivity } from '../durable/http-activity.ts';
import { fromStoredText } from '../durable/json.ts';
import { readSettings } from '../durable/settings.ts';
import { makeStore } from '../durable/sqlite-store.ts';
import type { Store } from '../durable/store.ts';
import type { TraceContext } from '../durable/trace-context.ts';
import { requireKnownOptions, type OrchestrationKitOptions } from './kit-options.ts';
import { standInHint } from './stand-in-hint.ts';
import { toFunctions } from './to-functions.ts';

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

export interface StartOptions {
  readonly instanceId?: string;
  /** What the caller's headers `traceparent` and `tracestate` would say. */
  readonly trace?: TraceContext;
}

export interface KitEntity {
  readonly exists: boolean;
  readonly state: unknown;
  /** Instance that holds its lock. */
  readonly lockedBy: string | null;
}

export interface OrchestrationKit {
  /** Starts an orchestration and settles. Rejects when there is no orchestrator of this name. */
  run(orchestrator: string, input?: unknown, options?: StartOptions): Promise<OrchestrationResult>;
  /**
   * Starts an orchestration and returns its id. Thrown when there is no orchestrator of this name,
   * or the id is that of an orchestration that runs.
   */
  start(orchestrator: string, input?: unknown, options?: StartOptions): string;
  /** Waits until nothing can go on but by an event or (without `autoAdvance`) by a timer. */
  settle(): Promise<void>;
  /** Moves the clock and settles. */
  advance(ms: number): Promise<void>;
  /** Raises an external event; settle afterwards. */
  raise(instanceId: string, name: string, data?: unknown): void;
  /**
   * Signals an entity, by `new df.EntityId(name, key)`; settle afterwards. Resolves when the signal
   * is stored; `settle`, `advance`, `restart` and `stop` wait for that, too.
   */
  signal(entity: EntityId, operation: string, input?: unknown): Promise<void>;
  /** What is stored of an entity now. */
  entity(entity: EntityId): KitEntity;
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
 * Thrown when an option is unknown, or what should run has not been registered.
 */
export async function makeOrchestrationKit(
  options: OrchestrationKitOptions = {},
): Promise<OrchestrationKit> {
  requireKnownOptions(options);
  const stateDir = options.stateDir ?? mkdtempSync(path.join(tmpdir(), 'orchestration-kit-'));
  const autoAdvance = options.autoAdvance ?? true;
  const settings = readSettings(options.settings ?? {});
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
      settings,
      log: (level, message) => log.push(`${level}: ${message}`),
      now: () => now,
      ...(options.replay !== 'cached' && { cacheCapacity: 0 }),
    });
    for (const fn of functions) engine.register(fn);
    engine.register(makeHttpActivity(options.environment ?? {}));
    engine.start();
    return engine;
  }
  let engine = open();
  /** Signals on their way to the disk; none rejects. */
  let signals: Promise<unknown> = Promise.resolve();

  async function whenQuiet(): Promise<void> {
    await signals;
    await engine.whenQuiet();
  }

  async function settle(): Promise<void> {
    for (;;) {
      await whenQuiet();
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
    start(name, input, { instanceId = `kit-${nextId++}`, trace = null } = {}) {
      requireOrchestrator(name);
      const created = engine.create({
        id: instanceId,
        name,
        version: settings.defaultVersion,
        input: input === undefined ? null : JSON.stringify(input),
        parent: null,
        trace,
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
      await whenQuiet();
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
    async signal(entity, operation, input) {
      const to = toSchedulerId(requireEntityId(entity));
      const request = {
        id: randomUUID(),
        op: operation,
        signal: true as const,
        ...(input !== undefined && { input: JSON.stringify(input) }),
      };
      const sending = engine.sendToEntity({ kind: 'request', to, request });
      signals = Promise.allSettled([signals, sending]);
      await sending;
    },
    entity(entity) {
      const { present, state, lockedBy } = engine.store.entities.find(
        toSchedulerId(requireEntityId(entity)),
      );
      return { exists: present, state: fromStoredText(state), lockedBy };
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
      await signals;
      await engine.stop(10_000);
      now += afterMs;
      engine = open();
    },
    async stop() {
      await signals;
      await engine.stop(10_000);
      if (options.stateDir === undefined) rmSync(stateDir, { recursive: true, force: true });
    },
  };
  function requireOrchestrator(name: string): void {
    if (engine.functions.orchestrator(name) !== undefined) return;
    const names = engine.functions.orchestratorNames().join(', ');
    const instead = names === '' ? `none was registered. ${standInHint}` : `there is ${names}.`;
    throw new Error(`There is no orchestrator '${name}'; ${instead}`);
  }
  function send(id: string, kind: 'terminate' | 'suspend' | 'resume', reason: string): void {
    engine.send(id, { kind, reason, at: new Date(now).toISOString() });
  }
  await engine.whenQuiet();
  return kit;
}

/** For tests in JavaScript. Thrown when a value is no entity's id: TypeError. */
function requireEntityId(value: unknown): EntityId {
  if (isEntityId(value)) return value;
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  throw new TypeError(`${shown} is no id of an entity: use new df.EntityId(name, key).`);
}

function isEntityId(value: unknown): value is EntityId {
  if (typeof value !== 'object' || value === null) return false;
  const { name, key } = value as Partial<Record<keyof EntityId, unknown>>; // both are looked at here
  return typeof name === 'string' && typeof key === 'string';
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
