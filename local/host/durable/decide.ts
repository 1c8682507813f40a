import { fromSchedulerId } from './entities/entity-id.ts';
import type { OrchestratorState } from './orchestrator-state.ts';
import type { ReplayEvent, ScheduledKind } from './replay-event.ts';
import { Replay, type Identity } from './replay.ts';
import type { Scheduled } from './scheduled.ts';

/** What a turn of an orchestration leads to. */
export interface Decision {
  /** Work asked for that history does not know yet, in the order of its ids. */
  readonly scheduled: readonly Scheduled[];
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'completed'; /** JSON text. */ readonly output: string | null }
  | { readonly kind: 'failed'; readonly reason: string; readonly details: string }
  | {
      readonly kind: 'continuedAsNew';
      /** JSON text. */
      readonly input: string;
      /** External events nobody has waited for yet, in the order in which they came. */
      readonly unprocessed: readonly { readonly name: string; readonly input: string }[];
    };

export interface DecideOptions {
  readonly orchestrator: string;
  readonly identity: Identity;
  /** The whole history and the events that are new in this turn. */
  readonly events: Iterable<ReplayEvent>;
  readonly state: OrchestratorState;
  /** The pause before an HTTP call's 202 without Retry-After is followed up. */
  readonly httpPollDelayMs: number;
  /** Whether the app has such a function. */
  readonly exists: (what: Exclude<ScheduledKind, 'timer'>, name: string) => boolean;
}

/**
 * Works out what an orchestrator's answer means. The worker answers everything it has asked for
 * since the beginning; which of it is new, and under which id, follows from playing that list
 * against the history, as Azure's extension does
 * (azure-functions-durable-extension OutOfProcOrchestrationShim.cs, DurableTask.Core
 * TaskOrchestrationContext.cs). An orchestrator that asks for something else than it did before
 * fails with the step named.
 */
export function decide(options: DecideOptions): Decision {
  const { state, orchestrator } = options;
  const replay = new Replay(state.actions, options.identity, options.httpPollDelayMs);
  const fail = (reason: string, details = ''): Decision => ({
    scheduled: [],
    outcome: { kind: 'failed', reason, details },
  });
  let isRewound = false;
  for (const event of options.events) {
    isRewound ||= event.kind === 'rewound';
    const mismatch = replay.play(event);
    if (mismatch !== undefined) {
      return fail(
        isRewound
          ? `Orchestrator function '${orchestrator}' cannot go on after its rewind: ${mismatch} ${rewindLimit}`
          : `Non-deterministic orchestrator '${orchestrator}': ${mismatch} ${advice}`,
      );
    }
  }
  const scheduled = replay.newlyScheduled();
  const wrong = replay.unsupported ?? firstUnknown(scheduled, options) ?? replay.invalid;
  if (wrong !== undefined) return fail(`Orchestrator function '${orchestrator}' failed: ${wrong}`);

  // An orchestration ends when everything it asked for has ended or was cancelled, not before
  // (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers).
  if (!replay.reachedEnd || replay.hasOpenTasks) {
    return { scheduled, outcome: { kind: 'waiting' } };
  }
  if (state.error !== undefined) {
    return {
      scheduled,
      outcome: {
        kind: 'failed',
        reason: `Orchestrator function '${orchestrator}' failed: ${state.error}`,
        details: `Message: ${state.error}`,
      },
    };
  }
  if (!state.isDone) return { scheduled, outcome: { kind: 'waiting' } };
  if (replay.continued !== undefined) {
    return {
      scheduled,
      outcome: {
        kind: 'continuedAsNew',
        input: replay.continued.input,
        unprocessed: replay.unprocessedEvents(),
      },
    };
  }
  const output = state.output === undefined ? null : JSON.stringify(state.output);
  return { scheduled, outcome: { kind: 'completed', output } };
}

const advice =
  'Was the orchestrator changed while this instance was running, or does it read a clock, a random number or anything else outside its history?';

// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#rewind-instances
const rewindLimit =
  'An orchestration that used durable timers, or retries after a failure, cannot be rewound, nor can one whose function has changed: start it anew.';

function firstUnknown(
  scheduled: readonly Scheduled[],
  { exists }: DecideOptions,
): string | undefined {
  for (const one of scheduled) {
    if (one.kind === 'timer') continue;
    const { kind } = one;
    const unknown = functionsOf(one).find((name) => !exists(kind, name));
    if (unknown === undefined) continue;
    return `The function '${unknown}' doesn't exist, is disabled, or is not an ${functionKinds[kind]} function.`;
  }
  return undefined;
}

const functionKinds = {
  activity: 'activity',
  'sub-orchestration': 'orchestrator',
  'entity message': 'entity',
} as const;

function functionsOf(scheduled: Scheduled): readonly string[] {
  if (scheduled.kind !== 'entity message') return [scheduled.name];
  const { name, message } = scheduled;
  const target = fromSchedulerId(name);
  const locked = message.kind === 'request' ? message.request.lockset : undefined;
  const entities = locked ?? (target === undefined ? [] : [target]);
  return entities.map((entity) => entity.name);
}
