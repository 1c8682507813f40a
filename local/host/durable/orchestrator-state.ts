import { readDurableRequest, type DurableRequest } from './call-http.ts';
import { readEntityAction, type EntityAction } from './entities/entity-action.ts';
import { messageOf } from './error-text.ts';
import { isRecord, numberOr, stringOr, tryParse, type JsonRecord } from './json.ts';

/**
 * What an orchestrator function answered: the whole list of what it has asked for since it began
 * (durable-functions lib/src/orchestrations/OrchestratorState.js and lib/src/actions).
 */
export interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly Action[];
  readonly output: unknown;
  /** Message of the error that ended the orchestrator. */
  readonly error?: string;
  readonly customStatus: unknown;
}

export interface RetryPolicy {
  readonly firstIntervalMs: number;
  readonly maxAttempts: number;
  readonly backoffCoefficient: number;
  readonly maxIntervalMs: number;
}

export type Action =
  | EntityAction
  | {
      readonly kind: 'activity';
      readonly name: string;
      readonly input: unknown;
      readonly retry?: RetryPolicy;
    }
  | {
      readonly kind: 'subOrchestration';
      readonly name: string;
      readonly input: unknown;
      readonly instanceId?: string;
      readonly version: string;
      readonly retry?: RetryPolicy;
    }
  | { readonly kind: 'continueAsNew'; readonly input: unknown }
  | { readonly kind: 'timer'; readonly fireAt: number; readonly isCanceled: boolean }
  | { readonly kind: 'externalEvent'; readonly name: string }
  | { readonly kind: 'http'; readonly request: DurableRequest }
  | { readonly kind: 'any' | 'all'; readonly children: readonly Action[] }
  | { readonly kind: 'unsupported'; readonly feature: string };

/** lib/src/actions/ActionType.js */
const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callHttp: 8,
  whenAny: 11,
  whenAll: 12,
} as const;

/** Where a failed orchestrator hides its state (lib/src/error/OrchestrationFailureError.js). */
const failureLabel = '\n\n$OutOfProcData$:';

/**
 * Reads the value an orchestrator function returned.
 * @returns undefined when it is not what `durable-functions` answers
 */
export function readState(value: unknown): OrchestratorState | undefined {
  const raw = typeof value === 'string' ? tryParse(value)?.value : value;
  if (!isRecord(raw) || !Array.isArray(raw['actions'])) return undefined;
  // One list since schema V2; V1 answers a list for each yield.
  const actions: unknown[] = raw['actions'].flat();
  return {
    isDone: raw['isDone'] === true,
    actions: actions.map(readAction),
    output: raw['output'],
    ...(typeof raw['error'] === 'string' && { error: raw['error'] }),
    customStatus: raw['customStatus'],
  };
}

/**
 * Reads what an orchestrator function threw: the library throws its state behind a label.
 * @returns the message alone when something else was thrown (a function that is no orchestrator, a
 *   hook that failed)
 */
export function readFailure(error: unknown): OrchestratorState | string {
  const message = messageOf(error);
  const at = message.indexOf(failureLabel);
  const state = at < 0 ? undefined : readState(message.slice(at + failureLabel.length));
  // The library leaves an empty message out; without any the orchestration would never end.
  if (state === undefined) return explain(message);
  return { ...state, error: explain(state.error ?? 'no message') };
}

/** The library takes what an orchestrator function returns for a generator, whatever it is. */
function explain(message: string): string {
  return /\bgenerator\.next is not a function$/.test(message)
    ? `${message}: an orchestrator must be a generator, function* (context) { … yield … }, not an async or a plain function`
    : message;
}

function readAction(value: unknown): Action {
  const action: JsonRecord = isRecord(value) ? value : {};
  const name = stringOr(action['functionName'], '');
  const input = action['input'];
  switch (action['actionType']) {
    case actionType.callActivity:
      return { kind: 'activity', name, input };
    case actionType.callActivityWithRetry:
      return { kind: 'activity', name, input, retry: readRetry(action['retryOptions']) };
    case actionType.callSubOrchestrator:
      return { kind: 'subOrchestration', name, input, ...readTarget(action) };
    case actionType.callSubOrchestratorWithRetry:
      return {
        kind: 'subOrchestration',
        name,
        input,
        ...readTarget(action),
        retry: readRetry(action['retryOptions']),
      };
    case actionType.continueAsNew:
      return { kind: 'continueAsNew', input };
    case actionType.createTimer:
      return {
        kind: 'timer',
        fireAt: toTime(action['fireAt']),
        isCanceled: action['isCanceled'] === true,
      };
    case actionType.waitForExternalEvent:
      return { kind: 'externalEvent', name: stringOr(action['externalEventName'], '') };
    case actionType.callHttp:
      return { kind: 'http', request: readDurableRequest(action['httpRequest']) };
    case actionType.whenAny:
      return { kind: 'any', children: readChildren(action['compoundActions']) };
    case actionType.whenAll:
      return { kind: 'all', children: readChildren(action['compoundActions']) };
    default: {
      const type = numberOr(action['actionType'], -1);
      return (
        readEntityAction(action) ?? {
          kind: 'unsupported',
          feature: `action type ${type}`,
        }
      );
    }
  }
}

function readChildren(value: unknown): Action[] {
  return Array.isArray(value) ? value.map(readAction) : [];
}

function readTarget(action: JsonRecord): { instanceId?: string; version: string } {
  const instanceId = stringOr(action['instanceId'], '').trim();
  return {
    ...(instanceId !== '' && { instanceId }),
    version: stringOr(action['version'], ''),
  };
}

function readRetry(value: unknown): RetryPolicy {
  const options: JsonRecord = isRecord(value) ? value : {};
  // A retryTimeoutInMilliseconds is not read: the worker never looks at it, and a host that did
  // would wait for the worker for ever (azure-functions-durable-js#629).
  return {
    firstIntervalMs: numberOr(options['firstRetryIntervalInMilliseconds'], 0),
    maxAttempts: numberOr(options['maxNumberOfAttempts'], 1),
    backoffCoefficient: numberOr(options['backoffCoefficient'], 1),
    maxIntervalMs: numberOr(options['maxRetryIntervalInMilliseconds'], 6 * 24 * 60 * 60 * 1000),
  };
}

/** @returns NaN for an invalid date, which JSON has no text for */
function toTime(value: unknown): number {
  return Date.parse(stringOr(value, ''));
}
